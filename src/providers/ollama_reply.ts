/** What a whole answer and a line of a stream have in common. */

import type { FinishReason } from "../core/chat.ts";
import {
  arrayAt,
  isJsonObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  numberAt,
  objectAt,
  stringAt,
  valueAt,
} from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import type { TokenUsage } from "../core/usage.ts";

/** A call that the model makes. */
export interface ReplyCall {
  readonly id: string;
  readonly name: string;
  /** JSON text of an object. */
  readonly arguments: string;
}

/** The ids that an answer's calls have so far, and the request they belong to. */
export interface CallIds {
  readonly requestId: string;
  readonly used: Set<string>;
}

/** OpenAI refuses longer ids when the client sends them back. */
const LONGEST_CALL_ID = 40;

/** The `message` of an answer or a line. */
export function messageOf(reply: JsonObject): JsonObject {
  return objectAt(reply, "message") ?? {};
}

/**
 * The calls of a message. Their own ids are kept where there are any and they differ; their own
 * `index` is not used, because it starts at 0 again in every line.
 */
export function readCalls(message: JsonObject, ids: CallIds): readonly ReplyCall[] {
  return arrayAt(message, "tool_calls").map((call) => {
    const source = objectAt(call, "function");
    return {
      id: nameCall(stringAt(call, "id") ?? "", ids),
      name: stringAt(source, "name") ?? "",
      arguments: readArguments(valueAt(source, "arguments")),
    };
  });
}

/** The fault of a call that no client could run, else null. */
export function findNameless(calls: readonly ReplyCall[]): UpstreamFault | null {
  return calls.every((call) => call.name !== "")
    ? null
    : malformedFault("Ollama sent a tool call without a name.");
}

/**
 * Why the answer ended. Ollama says `stop` after tool calls as well, `length` at `num_predict` or
 * the end of the context window, `load` and `unload` when there was nothing to answer.
 */
export function readFinishReason(reply: JsonObject, hasCalls: boolean): FinishReason {
  if (hasCalls) return "tool_calls"; // they come whole, so the limit can't have cut one
  return stringAt(reply, "done_reason") === "length" ? "length" : "stop";
}

/**
 * The tokens of an answer; null when Ollama leaves `prompt_eval_count` out, as some versions do
 * for a prompt that is still in memory: a count of 0 would be taken for what the provider says.
 */
export function readReplyUsage(reply: JsonObject): TokenUsage | null {
  const inputTokens = numberAt(reply, "prompt_eval_count");
  if (inputTokens === undefined) return null;
  return {
    inputTokens,
    cachedTokens: Math.min(numberAt(reply, "prompt_eval_cached_count") ?? 0, inputTokens),
    cacheWriteTokens: 0,
    outputTokens: numberAt(reply, "eval_count") ?? 0,
    reasoningTokens: 0,
    source: "provider",
  };
}

/** A choice's `logprobs` as OpenAI writes them; undefined when the reply has none. */
export function readLogprobs(reply: JsonObject): JsonObject | undefined {
  const tokens = arrayAt(reply, "logprobs");
  return tokens.length === 0 ? undefined : { "content": tokens.map(readToken), "refusal": null };
}

/** A reply that the protocol does not allow. */
export function malformedFault(message: string): UpstreamFault {
  return { kind: "malformed", status: null, message };
}

function readToken(token: JsonValue): JsonObject {
  return {
    ...readAlternative(token),
    "top_logprobs": arrayAt(token, "top_logprobs").map(readAlternative),
  };
}

function readAlternative(token: JsonValue): JsonObject {
  const bytes = valueAt(token, "bytes");
  return {
    "token": stringAt(token, "token") ?? "",
    "logprob": numberAt(token, "logprob") ?? 0,
    "bytes": isArray(bytes) ? bytes : null,
  };
}

function isArray(value: JsonValue | undefined): value is JsonArray {
  return Array.isArray(value);
}

function nameCall(own: string, ids: CallIds): string {
  const id = isUsable(own, ids.used) ? own : inventId(ids);
  ids.used.add(id);
  return id;
}

function isUsable(id: string, used: ReadonlySet<string>): boolean {
  return id !== "" && id.length <= LONGEST_CALL_ID && !used.has(id);
}

function inventId({ requestId, used }: CallIds): string {
  const stem = `call_${requestId.replaceAll(/[^A-Za-z0-9]/g, "").slice(-28)}`;
  let position = used.size;
  while (used.has(`${stem}_${position}`)) position++;
  return `${stem}_${position}`;
}

function readArguments(value: JsonValue | undefined): string {
  if (isJsonObject(value)) return JSON.stringify(value);
  return typeof value === "string" && value.trim() !== "" ? value : "{}";
}
