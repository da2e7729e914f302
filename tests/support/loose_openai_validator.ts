/** What no server of the OpenAI dialect accepts, however little it checks: the first problem, or null. */

import {
  arrayAt,
  type JsonObject,
  type JsonValue,
  numberAt,
  objectAt,
  stringAt,
} from "../../src/core/json.ts";

const ROLES = ["system", "user", "assistant", "tool", "developer"];

/** The first thing that servers refuse, or that their templates fail at. */
export function findLooseProblem(body: JsonObject, isOpenrouter: boolean = false): string | null {
  const messages = arrayAt(body, "messages");
  if (messages.length === 0) return "messages is empty";
  return findMessageProblem(messages, isOpenrouter) ?? findFieldProblem(body);
}

function findMessageProblem(
  messages: readonly JsonValue[],
  isOpenrouter: boolean,
): string | null {
  const open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    const role = stringAt(message, "role") ?? "";
    if (!ROLES.includes(role)) return `${path} has the role ${role}`;
    if (role === "tool") {
      const id = stringAt(message, "tool_call_id") ?? "";
      if (!open.delete(id)) return `${path} answers no call: ${id}`;
    } else if (open.size > 0) return `${path} comes before the results of ${[...open].join(", ")}`;
    const problem = findContentProblem(message, role) ??
      findEchoProblem(message, isOpenrouter);
    if (problem !== null) return `${path} ${problem}`;
    for (const call of arrayAt(message, "tool_calls")) {
      const id = stringAt(call, "id") ?? "";
      if (id === "" || open.has(id)) return `${path} has a call with the id "${id}" again`;
      const hasArguments = stringAt(objectAt(call, "function"), "arguments") !== undefined;
      if (!hasArguments) return `${path} has arguments that are no text`;
      open.add(id);
    }
  }
  return open.size > 0 ? "messages end without the results of calls" : null;
}

/** What answers hold and requests must not: SDKs send whole messages back, empty fields and all. */
function findEchoProblem(message: JsonValue, isOpenrouter: boolean): string | null {
  const fields = Object.entries(objectAt({ message }, "message") ?? {});
  const empty = fields.find(([key, value]) => value === null && key !== "content");
  if (empty !== undefined) return `has the empty field ${empty[0]}`;
  const annotations = fields.find(([key]) => key === "annotations");
  // OpenRouter takes those of its files back: https://openrouter.ai/docs/features/multimodal/pdfs
  if (annotations !== undefined && !isOpenrouter) return "has annotations";
  const calls = arrayAt(message, "tool_calls");
  return calls.some((call) => numberAt(call, "index") !== undefined) ? "has a call's index" : null;
}

function findContentProblem(message: JsonValue, role: string): string | null {
  const calls = arrayAt(message, "tool_calls");
  const hasList = Array.isArray(objectAt({ message }, "message")?.["tool_calls"]);
  if (hasList && calls.length === 0) return "has an empty list of calls";
  const content = objectAt({ message }, "message")?.["content"] ?? null;
  if (content === null) return role === "assistant" && calls.length > 0 ? null : "has no content";
  if (typeof content === "string") return null;
  return arrayAt(message, "content").length > 0 ? null : "has empty content";
}

function findFieldProblem(body: JsonObject): string | null {
  const tools = arrayAt(body, "tools");
  if ("tools" in body && body["tools"] !== null && tools.length === 0) return "tools is empty";
  const choice = body["tool_choice"] ?? null;
  if (choice !== null && tools.length === 0) return "tool_choice without tools";
  if ((body["stream_options"] ?? null) !== null && body["stream"] !== true) {
    return "stream_options without stream";
  }
  return null;
}
