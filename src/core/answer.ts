/** What whole answers hold, and the chunks that they would have been streamed as. */

import type OpenAI from "openai";
import type {
  AnswerChoice,
  AnswerMessage,
  ChatAnswer,
  ChatChunk,
  ChunkChoice,
  ChunkDelta,
} from "./chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/** What besides text and tool calls is an answer. */
const OTHER_CONTENT = ["refusal", "audio", "function_call", "images"] as const;

/** Whether a message or a delta holds what is neither text nor a tool call, and an answer still. */
export function hasOtherContent(source: JsonObject): boolean {
  return OTHER_CONTENT.some((key) => (source[key] ?? "") !== "");
}

/** Whether a message says nothing: no call, no text but white space. Reasoning alone is no answer. */
export function isEmptyMessage(message: AnswerMessage): boolean {
  return (message.content ?? "").trim() === "" && (message["tool_calls"]?.length ?? 0) === 0 &&
    !hasOtherContent(message);
}

/** Whether an answer was cut by its output limit before it said anything: reasoning took it all. */
export function isCutEmpty(answer: ChatAnswer): boolean {
  return answer.choices.every((choice) =>
    choice["finish_reason"] === "length" && isEmptyMessage(choice.message)
  );
}

/**
 * The chunks that a whole answer would have been streamed as: one delta a choice, its finish, and
 * the usage. For upstreams that answer with JSON where a stream was asked for.
 */
export function chunksOfAnswer(answer: ChatAnswer): readonly ChatChunk[] {
  const { choices, usage, ...rest } = answer;
  const head = { ...rest, "object": "chat.completion.chunk" } as const;
  const chunks: ChatChunk[] = choices.flatMap((choice) => {
    const { message: _, "finish_reason": reason, ...others } = choice;
    const delta = deltaOf(choice);
    return [
      { ...head, "choices": [{ ...others, "delta": delta, "finish_reason": null }] },
      { ...head, "choices": [{ "index": choice.index, "delta": {}, "finish_reason": reason }] },
    ];
  });
  return usage ? [...chunks, { ...head, "choices": [], "usage": usage }] : chunks;
}

function deltaOf(choice: AnswerChoice): ChunkDelta {
  const { "tool_calls": calls, ...message } = choice.message;
  if (calls === undefined) return message;
  return { ...message, "tool_calls": calls.map((call, index) => ({ index, ...call })) };
}

/** Fields of OpenAI's that are absent where other servers write null: in answers, in messages. */
const NEVER_NULL = ["system_fingerprint", "obfuscation"] as const;
const NEVER_NULL_IN_MESSAGES = ["annotations", "function_call", "tool_calls"] as const;

/** The tiers that OpenAI's clients know; some read no others. */
const SERVICE_TIERS: readonly JsonValue[] = [
  "auto",
  "default",
  "flex",
  "scale",
  "priority",
  "fast",
] satisfies NonNullable<OpenAI.Chat.Completions.ChatCompletion["service_tier"]>[];

/**
 * The answer with what OpenAI's always has and other servers leave out: `logprobs` of a choice and
 * `refusal` of its message, both null as a rule. Null is left out where OpenAI has none, and so is
 * a service tier that it does not have. Anything else stays as the upstream sent it.
 * https://platform.openai.com/docs/api-reference/chat/object
 */
export function completeAnswer(answer: ChatAnswer): ChatAnswer {
  return { ...completeHead(answer), "choices": answer.choices.map(completeChoice) };
}

/** The chunk without null where OpenAI has none; itself when it is right. See `completeAnswer`. */
export function completeChunk(chunk: ChatChunk): ChatChunk {
  const head = completeHead(chunk);
  const { choices } = chunk;
  const completed = choices.map(completeChunkChoice);
  const isRight = completed.every((choice, index) => choice === choices[index]);
  return isRight ? head : { ...head, "choices": completed };
}

function completeHead<T extends JsonObject>(source: T): T {
  const tier = source["service_tier"] ?? null;
  const isTierKnown = tier === null || SERVICE_TIERS.includes(tier);
  const whole = clearNulls(source, NEVER_NULL);
  return isTierKnown ? whole : { ...whole, "service_tier": undefined };
}

function completeChoice(choice: AnswerChoice): AnswerChoice {
  const message = clearNulls(choice.message, NEVER_NULL_IN_MESSAGES);
  return {
    ...choice,
    "message": { ...message, "refusal": message["refusal"] ?? null },
    "logprobs": completeLogprobs(choice["logprobs"] ?? null),
  };
}

function completeChunkChoice(choice: ChunkChoice): ChunkChoice {
  const delta = clearNulls(choice.delta, NEVER_NULL_IN_MESSAGES);
  const given = choice["logprobs"];
  const logprobs = given === undefined ? undefined : completeLogprobs(given);
  if (delta === choice.delta && logprobs === given) return choice;
  return { ...choice, "delta": delta, "logprobs": logprobs };
}

/** Log probabilities with both of their lists; the same object when they are there. */
function completeLogprobs(logprobs: JsonValue): JsonValue {
  if (!isJsonObject(logprobs)) return null;
  if (logprobs["content"] !== undefined && logprobs["refusal"] !== undefined) return logprobs;
  return { "content": null, "refusal": null, ...logprobs };
}

/** The object with these fields undefined where they are null; itself when none is. */
function clearNulls<T extends JsonObject>(source: T, names: readonly string[]): T {
  const nulls = names.filter((name) => source[name] === null);
  if (nulls.length === 0) return source;
  return { ...source, ...Object.fromEntries(nulls.map((name) => [name, undefined])) };
}
