/** The messages of a request, checked as strictly as OpenAI's own endpoint does. */

import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  objectAt,
  stringAt,
} from "../../src/core/json.ts";

/** The first problem, or null. */
export type Problem = string | null;

const MESSAGE_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["system", ["role", "content", "name"]],
  ["developer", ["role", "content", "name"]],
  ["user", ["role", "content", "name"]],
  ["assistant", ["role", "content", "name", "refusal", "audio", "tool_calls", "function_call"]],
  ["tool", ["role", "content", "tool_call_id", "name"]],
  ["function", ["role", "content", "name"]],
]);

const PART_TYPES: ReadonlyMap<string, readonly string[]> = new Map([
  ["user", ["text", "image_url", "input_audio", "file"]],
  ["assistant", ["text", "refusal"]],
]);

const INNER_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["image_url", ["url", "detail"]],
  ["input_audio", ["data", "format"]],
  ["file", ["file_data", "file_id", "filename"]],
]);

const CALL_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["function", ["name", "arguments"]],
  ["custom", ["name", "input"]],
]);

/** The form of a tool's name. */
export const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const DATA_URI = /^data:image\/(png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]+$/;

/** The problem of the first check that finds one. */
export function firstOf(checks: readonly (() => Problem)[]): Problem {
  for (const check of checks) {
    const problem = check();
    if (problem !== null) return problem;
  }
  return null;
}

/** A key that the object may not have. */
export function unknownKey(source: JsonObject, known: Iterable<string>, path: string): Problem {
  const names = new Set(known);
  const key = Object.keys(source).find((name) => !names.has(name));
  return key === undefined ? null : `unknown parameter ${path}${key}`;
}

/** Checks the messages, and that every call has its result right after it. */
export function checkMessages(messages: readonly JsonValue[]): Problem {
  if (messages.length === 0) return "messages is empty";
  const seen = new Set<string>();
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
    const ids = arrayAt(message, "tool_calls").map((call) => stringAt(call, "id") ?? "");
    const repeated = ids.find((id, position) => seen.has(id) || ids.indexOf(id) !== position);
    if (repeated !== undefined) return `${path} has the id ${repeated} again`;
    for (const id of ids) seen.add(id);
    open = new Set(ids);
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
    () => checkName(message, path),
    () => Array.isArray(calls) && calls.length === 0 ? `${path}.tool_calls is empty` : null,
    () => firstOf(arrayAt(message, "tool_calls").map((call) => () => checkCall(call, path))),
  ]);
}

function checkName(message: JsonObject, path: string): Problem {
  if (message["name"] === undefined) return null;
  const name = stringAt(message, "name") ?? "";
  return /^[^\s<|\\/>]{1,64}$/.test(name) ? null : `${path}.name is wrong`;
}

function checkContent(message: JsonObject, path: string): Problem {
  const content = message["content"] ?? null;
  if (typeof content === "string") return null;
  if (content === null) {
    const isAlone = ["tool_calls", "function_call", "refusal", "audio"]
      .some((key) => (message[key] ?? null) !== null);
    return message["role"] === "assistant" && isAlone ? null : `${path}.content is null`;
  }
  if (!Array.isArray(content)) return `${path}.content has a wrong type`;
  if (content.length === 0) return `${path}.content is empty`;
  const types = PART_TYPES.get(stringAt(message, "role") ?? "") ?? ["text"];
  return firstOf(arrayAt(message, "content").map((part) => () => checkPart(part, { path, types })));
}

function checkPart(
  part: JsonValue,
  { path, types }: { readonly path: string; readonly types: readonly string[] },
): Problem {
  const type = stringAt(part, "type") ?? "";
  if (!types.includes(type) || !isJsonObject(part)) return `${path} has a part of type ${type}`;
  const inner = INNER_KEYS.get(type);
  const own = objectAt(part, type);
  return firstOf([
    () => unknownKey(part, ["type", type, "prompt_cache_breakpoint"], `${path}.content.`),
    () => inner === undefined && typeof part[type] !== "string" ? `${path} has no ${type}` : null,
    () => inner !== undefined && own === undefined ? `${path} has no ${type}` : null,
    () =>
      own === undefined || inner === undefined ? null : unknownKey(own, inner, `${path}.${type}.`),
    () => type === "image_url" ? checkUrl(stringAt(own, "url") ?? "", path) : null,
  ]);
}

function checkUrl(url: string, path: string): Problem {
  return DATA_URI.test(url) || /^https?:\/\//.test(url) ? null : `${path} has a wrong image`;
}

function checkCall(call: JsonValue, path: string): Problem {
  if (!isJsonObject(call)) return `${path} has a call that is no object`;
  const id = stringAt(call, "id") ?? "";
  if (id === "" || id.length > 40) return `${path} has a call whose id has ${id.length} characters`;
  const type = stringAt(call, "type") ?? "";
  const keys = CALL_KEYS.get(type);
  const spec = objectAt(call, type);
  if (keys === undefined || spec === undefined) return `${path} has a call of another type`;
  return firstOf([
    () => unknownKey(call, ["id", "type", type], `${path}.tool_calls.`),
    () => unknownKey(spec, keys, `${path}.tool_calls.${type}.`),
    () => TOOL_NAME.test(stringAt(spec, "name") ?? "") ? null : `${path} calls a wrong name`,
    () => keys.every((key) => typeof spec[key] === "string") ? null : `${path} has no text to call`,
  ]);
}
