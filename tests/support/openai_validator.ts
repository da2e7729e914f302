/**
 * A validator as strict as OpenAI's own endpoint, from its public reference
 * (https://platform.openai.com/docs/api-reference/chat/create): the first problem, or null.
 */

import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberAt,
  objectAt,
  stringAt,
} from "../../src/core/json.ts";

const BODY_KEYS = new Set([
  "audio",
  "frequency_penalty",
  "function_call",
  "functions",
  "logit_bias",
  "logprobs",
  "max_completion_tokens",
  "max_tokens",
  "messages",
  "metadata",
  "modalities",
  "model",
  "n",
  "parallel_tool_calls",
  "prediction",
  "presence_penalty",
  "prompt_cache_key",
  "reasoning_effort",
  "response_format",
  "safety_identifier",
  "seed",
  "service_tier",
  "stop",
  "store",
  "stream",
  "stream_options",
  "temperature",
  "tool_choice",
  "tools",
  "top_logprobs",
  "top_p",
  "user",
  "verbosity",
  "web_search_options",
]);

const MESSAGE_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["system", ["role", "content", "name"]],
  ["developer", ["role", "content", "name"]],
  ["user", ["role", "content", "name"]],
  ["assistant", ["role", "content", "name", "refusal", "audio", "tool_calls", "function_call"]],
  ["tool", ["role", "content", "tool_call_id", "name"]],
]);

const PART_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["text", ["type", "text"]],
  ["image_url", ["type", "image_url"]],
]);

type Problem = string | null;

/** The first thing that the vendor would refuse. */
export function findProblem(body: JsonObject): Problem {
  return firstOf([
    () => unknownKey(body, BODY_KEYS, ""),
    () => isFilled(body["model"]) ? null : "model is required",
    () => checkMessages(arrayAt(body, "messages")),
    () => checkTools(body),
    () => checkStream(body),
    () => checkLimits(body),
    () => checkFormat(body),
  ]);
}

function firstOf(checks: readonly (() => Problem)[]): Problem {
  for (const check of checks) {
    const problem = check();
    if (problem !== null) return problem;
  }
  return null;
}

function isFilled(value: JsonValue | undefined): boolean {
  return typeof value === "string" && value !== "";
}

function unknownKey(source: JsonObject, known: Iterable<string>, path: string): Problem {
  const names = new Set(known);
  const key = Object.keys(source).find((name) => !names.has(name));
  return key === undefined ? null : `unknown parameter ${path}${key}`;
}

function checkMessages(messages: readonly JsonValue[]): Problem {
  if (messages.length === 0) return "messages is empty";
  let open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    if (!isJsonObject(message)) return `${path} is no object`;
    const problem = checkMessage(message, path);
    if (problem !== null) return problem;
    if (message["role"] === "tool") {
      if (!open.delete(stringAt(message, "tool_call_id") ?? "")) return `${path} answers no call`;
      continue;
    }
    if (open.size > 0) return `${path} comes before the results of ${[...open].join(", ")}`;
    open = new Set(arrayAt(message, "tool_calls").map((call) => stringAt(call, "id") ?? ""));
  }
  return open.size > 0 ? "messages end without the results of calls" : null;
}

function checkMessage(message: JsonObject, path: string): Problem {
  const keys = MESSAGE_KEYS.get(stringAt(message, "role") ?? "");
  if (keys === undefined) return `${path}.role is unknown`;
  const calls = message["tool_calls"];
  return firstOf([
    () => unknownKey(message, keys, `${path}.`),
    () => checkContent(message, path),
    () => Array.isArray(calls) && calls.length === 0 ? `${path}.tool_calls is empty` : null,
    () => firstOf(arrayAt(message, "tool_calls").map((call) => () => checkCall(call, path))),
  ]);
}

function checkContent(message: JsonObject, path: string): Problem {
  const content = message["content"] ?? null;
  if (typeof content === "string") return null;
  if (content === null) {
    const isCall = message["role"] === "assistant" && arrayAt(message, "tool_calls").length > 0;
    return isCall ? null : `${path}.content is null`;
  }
  const parts = arrayAt(message, "content");
  if (parts.length === 0) return `${path}.content is empty`;
  return firstOf(parts.map((part) => () => checkPart(part, path)));
}

function checkPart(part: JsonValue, path: string): Problem {
  const keys = PART_KEYS.get(stringAt(part, "type") ?? "");
  if (keys === undefined || !isJsonObject(part)) return `${path} has an unknown part`;
  return unknownKey(part, keys, `${path}.content.`);
}

function checkCall(call: JsonValue, path: string): Problem {
  if (!isJsonObject(call)) return `${path} has a call that is no object`;
  const id = stringAt(call, "id") ?? "";
  if (id === "" || id.length > 40) return `${path} has a call whose id has ${id.length} characters`;
  if (call["type"] !== "function") return `${path} has a call of another type`;
  const spec = objectAt(call, "function");
  if (!isFilled(spec?.["name"])) return `${path} has a call without a name`;
  if (typeof spec?.["arguments"] !== "string") return `${path} has arguments that are no text`;
  return unknownKey(call, ["id", "type", "function"], `${path}.tool_calls.`);
}

function checkTools(body: JsonObject): Problem {
  const tools = body["tools"] ?? null;
  if (tools === null) {
    const lost = ["tool_choice", "parallel_tool_calls"].find((key) => (body[key] ?? null) !== null);
    return lost === undefined ? null : `${lost} without tools`;
  }
  const list = arrayAt(body, "tools");
  if (list.length === 0) return "tools is empty";
  const isNamed = list.every((tool) =>
    /^[\w-]{1,64}$/.test(stringAt(objectAt(tool, "function"), "name") ?? "")
  );
  return isNamed ? null : "a tool has a wrong name";
}

function checkStream(body: JsonObject): Problem {
  const options = body["stream_options"] ?? null;
  if (options === null) return null;
  if (body["stream"] !== true) return "stream_options without stream";
  return isJsonObject(options)
    ? unknownKey(options, ["include_usage", "include_obfuscation"], "stream_options.")
    : "stream_options is no object";
}

function checkLimits(body: JsonObject): Problem {
  if (numberAt(body, "max_tokens") && numberAt(body, "max_completion_tokens")) {
    return "two output limits";
  }
  if (!/^(o[134]|gpt-5)/.test(stringAt(body, "model") ?? "")) return null;
  if (numberAt(body, "max_tokens")) return "max_tokens for a reasoning model";
  return (numberAt(body, "temperature") ?? 1) !== 1 ? "temperature for a reasoning model" : null;
}

function checkFormat(body: JsonObject): Problem {
  const format = objectAt(body, "response_format");
  if (format === undefined) return null;
  const type = stringAt(format, "type") ?? "";
  return ["text", "json_object", "json_schema"].includes(type) ? null : "unknown response_format";
}
