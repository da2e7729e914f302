/**
 * The chat types that pirouter reads and writes. The neutral shape is OpenAI's own: the types are
 * the wire objects themselves, fields that are not named here stay in them.
 */

import type { JsonObject, JsonValue } from "./json.ts";

/** Who speaks. */
export const CHAT_ROLES = ["system", "developer", "user", "assistant", "tool", "function"] as const;

/** Who speaks. */
export type ChatRole = (typeof CHAT_ROLES)[number];

/** Text in a message. */
export interface TextPart extends JsonObject {
  readonly type: "text";
  readonly text: string;
}

/** An image in a message: a data URI or an http(s) URL. */
export interface ImagePart extends JsonObject {
  readonly type: "image_url";
  readonly "image_url": JsonObject & { readonly url: string };
}

/** A content part of a type that pirouter does not read (audio, file, refusal, …). */
export interface OtherPart extends JsonObject {
  readonly type: string;
}

/** One part of a message's content. */
export type ContentPart = TextPart | ImagePart | OtherPart;

/** A call of a function tool, arguments as JSON text. */
export interface ToolCall extends JsonObject {
  readonly id: string;
  readonly type: "function";
  readonly function: JsonObject & { readonly name: string; readonly arguments: string };
}

/** A call of a custom tool, whose input is free text. */
export interface CustomToolCall extends JsonObject {
  readonly id: string;
  readonly type: "custom";
  readonly custom: JsonObject & { readonly name: string; readonly input: string };
}

/** A call of any tool. */
export type AnyToolCall = ToolCall | CustomToolCall;

/** The call as that of a function: a custom tool's text becomes the argument `input`. */
export function functionOfCall(call: AnyToolCall): ToolCall["function"] {
  if (call.type === "function") return call.function;
  const { name, input } = call.custom;
  return { "name": name, "arguments": JSON.stringify({ "input": input }) };
}

/** One message of a request. */
export interface ChatMessage extends JsonObject {
  readonly role: ChatRole;
  readonly content?: string | readonly ContentPart[] | null;
  readonly "tool_calls"?: readonly AnyToolCall[] | null;
  readonly "tool_call_id"?: string;
  readonly name?: string;
}

/** A function tool; tools of other types (`custom`) stay as they came. */
export interface Tool extends JsonObject {
  readonly type: string;
  readonly function?: JsonObject & {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: JsonObject;
    readonly strict?: boolean | null;
  };
}

/** How the model may use its tools. */
export type ToolChoice = "none" | "auto" | "required" | JsonObject;

/** The body of `POST /v1/chat/completions`, checked: what is named here has the type it says. */
export interface ChatRequest extends JsonObject {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly stream?: boolean | null;
  readonly "stream_options"?: JsonObject | null;
  readonly tools?: readonly Tool[] | null;
  readonly "tool_choice"?: ToolChoice | null;
  readonly "parallel_tool_calls"?: boolean | null;
  readonly "response_format"?: JsonObject | null;
  readonly "max_tokens"?: number | null;
  readonly "max_completion_tokens"?: number | null;
  readonly temperature?: number | null;
  readonly "top_p"?: number | null;
  readonly stop?: string | readonly string[] | null;
  readonly seed?: number | null;
  readonly n?: number | null;
  readonly "frequency_penalty"?: number | null;
  readonly "presence_penalty"?: number | null;
  readonly logprobs?: boolean | null;
  readonly "top_logprobs"?: number | null;
  readonly "reasoning_effort"?: string | null;
  readonly user?: string | null;
  readonly metadata?: JsonObject | null;
}

/** Why an answer ended; whatever an upstream says is mapped to one of these. */
export const FINISH_REASONS = ["stop", "length", "tool_calls", "content_filter"] as const;

/** Why an answer ended. */
export type FinishReason = (typeof FINISH_REASONS)[number];

/** What clients of the older `functions` are told instead of `tool_calls`. */
export type LegacyReason = "function_call";

/** The message of a whole answer. */
export interface AnswerMessage extends JsonObject {
  readonly role: "assistant";
  readonly content: string | null;
  readonly "reasoning_content"?: string;
  readonly "tool_calls"?: readonly AnyToolCall[];
}

/** One choice of a whole answer. */
export interface AnswerChoice extends JsonObject {
  readonly index: number;
  readonly message: AnswerMessage;
  readonly "finish_reason": FinishReason | LegacyReason;
}

/** A whole answer: OpenAI's `chat.completion`. */
export interface ChatAnswer extends JsonObject {
  readonly id: string;
  readonly object: "chat.completion";
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  readonly choices: readonly AnswerChoice[];
  readonly usage?: JsonObject | null;
}

/** A piece of a tool call: `id`, `type` and `function.name` only in its first piece. */
export interface ToolCallDelta extends JsonObject {
  readonly index: number;
  readonly id?: string;
  readonly type?: "function" | "custom";
  readonly function?: JsonObject & { readonly name?: string; readonly arguments?: string };
}

/** What one chunk adds to a message. */
export interface ChunkDelta extends JsonObject {
  readonly role?: "assistant";
  readonly content?: string | null;
  readonly "reasoning_content"?: string;
  readonly "tool_calls"?: readonly ToolCallDelta[];
}

/** One choice of a chunk. */
export interface ChunkChoice extends JsonObject {
  readonly index: number;
  readonly delta: ChunkDelta;
  readonly "finish_reason": FinishReason | LegacyReason | null;
}

/** A piece of a streamed answer: OpenAI's `chat.completion.chunk`; usage comes with no choices. */
export interface ChatChunk extends JsonObject {
  readonly id: string;
  readonly object: "chat.completion.chunk";
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ChunkChoice[];
  readonly usage?: JsonObject | null;
}

/** The text of a message's content, parts joined by newlines; images and other parts have none. */
export function textOfContent(content: ChatMessage["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? []).filter(isTextPart).map((part) => part.text).join("\n");
}

/** Whether the part is text. */
export function isTextPart(part: ContentPart): part is TextPart {
  return part.type === "text" && typeof part["text"] === "string";
}

/** Whether the part is an image. */
export function isImagePart(part: ContentPart): part is ImagePart {
  const image: JsonValue | undefined = part["image_url"];
  return part.type === "image_url" && typeof image === "object" && image !== null;
}

/** The most output tokens that the client asks for; null when it leaves that open. */
export function requestedOutputTokens(request: ChatRequest): number | null {
  return request["max_completion_tokens"] ?? request["max_tokens"] ?? null;
}

/** Whether the answer is to be JSON, or of another form than text. */
export function isFormatted(request: ChatRequest): boolean {
  return (request["response_format"]?.["type"] ?? "text") !== "text";
}

/** Whether the client wants a stream. */
export function isStreamed(request: ChatRequest): boolean {
  return request.stream === true;
}

/** Whether the client of a stream asked for its usage. */
export function wantsUsage(request: ChatRequest): boolean {
  return request["stream_options"]?.["include_usage"] === true;
}
