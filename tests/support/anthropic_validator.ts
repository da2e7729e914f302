/** Checks a body of Anthropic's Messages API as strictly as the vendor does. */

import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import {
  findBlockFaults,
  findMessageFaults,
  findUnknownKeys,
  idsOf,
  objects,
} from "./anthropic_messages_validator.ts";

/** What is wrong with the body, in the vendor's order; empty when it would be accepted. */
export function findAnthropicFaults(body: JsonObject): readonly string[] {
  return [
    ...findUnknownKeys("body", body, BODY_KEYS),
    ...findScalarFaults(body),
    ...findSystemFaults(body),
    ...findMessageFaults(body),
    ...findToolFaults(body),
    ...findThinkingFaults(body),
    ...findModelFaults(body),
    ...findMarkFaults(body),
  ];
}

const BODY_KEYS =
  "model messages max_tokens system stream stop_sequences temperature top_p top_k " +
  "metadata tools tool_choice thinking output_config cache_control";

const NEWEST = /claude-new|opus-4-[789]|(?:opus|sonnet|haiku)-[5-9]|fable|mythos/;
const ONE_SAMPLING = /opus-4-[156]|sonnet-4-[56]|haiku-4-5/;
const THINKING_TYPES = ["enabled", "disabled", "adaptive"];
const CHOICE_TYPES = ["auto", "any", "tool", "none"];
const TOOL_KEYS = "type name description input_schema strict cache_control";

function findScalarFaults(body: JsonObject): readonly string[] {
  const faults: string[] = [];
  const { model, max_tokens: maxTokens, temperature, top_p: topP } = body;
  if (typeof model !== "string" || model === "") faults.push("model: field required");
  if (typeof maxTokens !== "number" || !Number.isInteger(maxTokens) || maxTokens < 1) {
    faults.push("max_tokens: must be a positive integer");
  }
  for (const [name, value] of Object.entries({ temperature, topP })) {
    if (value === undefined) continue;
    if (typeof value !== "number" || value < 0 || value > 1) faults.push(`${name}: not in 0..1`);
  }
  if (body["stream"] !== undefined && typeof body["stream"] !== "boolean") {
    faults.push("stream: must be a boolean");
  }
  const stops = body["stop_sequences"] ?? [];
  if (!Array.isArray(stops) || stops.some((stop) => String(stop).trim() === "")) {
    faults.push("stop_sequences: no list, or a blank one in it");
  }
  if (isJsonObject(body["metadata"])) {
    faults.push(...findUnknownKeys("metadata", body["metadata"], "user_id"));
  }
  if (isJsonObject(body["output_config"])) {
    faults.push(...findUnknownKeys("output_config", body["output_config"], "effort format"));
  }
  return faults;
}

function findSystemFaults(body: JsonObject): readonly string[] {
  const { system } = body;
  if (system === undefined) return [];
  if (!Array.isArray(system) || system.length === 0) return ["system: not a list of blocks"];
  const model = String(body["model"]);
  return objects(system).flatMap((block, index) =>
    block["type"] === "text"
      ? findBlockFaults(block, { path: `system.${index}`, role: "user", model })
      : ["system: text only"]
  );
}

function findToolFaults(body: JsonObject): readonly string[] {
  const tools = objects(body["tools"]);
  const names = tools.map((tool) => String(tool["name"]));
  const usesTools = objects(body["messages"]).some((message) =>
    idsOf(message, "tool_use").length + idsOf(message, "tool_result").length > 0
  );
  return [
    ...tools.flatMap(findDefinitionFaults),
    ...(new Set(names).size < names.length ? ["tools: names must be unique"] : []),
    ...(usesTools && tools.length === 0 ? ["tools must be defined"] : []),
    ...findChoiceFaults(body["tool_choice"], names),
  ];
}

function findDefinitionFaults(tool: JsonObject): readonly string[] {
  const schema = tool["input_schema"];
  return [
    ...findUnknownKeys("tools", tool, TOOL_KEYS),
    ...((tool["type"] ?? "custom") === "custom" ? [] : ["tools: unknown type"]),
    ...(/^[a-zA-Z0-9_-]{1,128}$/.test(String(tool["name"])) ? [] : ["tools: bad name"]),
    ...(isJsonObject(schema) && schema["type"] === "object"
      ? []
      : ["tools: input_schema must be an object's"]),
    ...(tool["strict"] === true && !isClosed(schema) ? ["tools: strict, but not closed"] : []),
  ];
}

/** Whether every object of the schema says which properties it has, and that it has all of them. */
function isClosed(schema: JsonValue | undefined): boolean {
  if (!isJsonObject(schema)) return true;
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const isObject = schema["type"] === "object" || schema["properties"] !== undefined;
  if (isObject && schema["additionalProperties"] !== false) return false;
  return Object.values(properties).every(isClosed) && isClosed(schema["items"]);
}

function findChoiceFaults(
  choice: JsonValue | undefined,
  names: readonly string[],
): readonly string[] {
  if (choice === undefined) return [];
  if (!isJsonObject(choice)) return ["tool_choice: must be an object"];
  const { type, name } = choice;
  return [
    ...findUnknownKeys("tool_choice", choice, "type name disable_parallel_tool_use"),
    ...(CHOICE_TYPES.includes(String(type)) ? [] : ["tool_choice: unknown type"]),
    ...(names.length === 0 ? ["tool_choice without tools"] : []),
    ...(type === "tool" && !names.includes(String(name)) ? ["tool_choice: no such tool"] : []),
  ];
}

function findThinkingFaults(body: JsonObject): readonly string[] {
  const thinking = isJsonObject(body["thinking"]) ? body["thinking"] : { "type": "disabled" };
  const type = String(thinking["type"]);
  if (!THINKING_TYPES.includes(type)) return ["thinking: unknown type"];
  if (type === "disabled") return [];
  const choice = isJsonObject(body["tool_choice"]) ? String(body["tool_choice"]["type"]) : "auto";
  return [
    ...(["any", "tool"].includes(choice) ? ["thinking with a forced tool"] : []),
    ...((body["temperature"] ?? 1) === 1 ? [] : ["thinking with a temperature"]),
    ...(body["top_k"] === undefined ? [] : ["thinking with top_k"]),
    ...(type === "enabled" ? findBudgetFaults(body, thinking) : []),
  ];
}

/** https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
function findBudgetFaults(body: JsonObject, thinking: JsonObject): readonly string[] {
  const budget = Number(thinking["budget_tokens"]);
  const messages = objects(body["messages"]);
  const lastAsk = messages.findLastIndex((message) =>
    message["role"] === "user" &&
    objects(message["content"]).some((block) => block["type"] !== "tool_result")
  );
  const isBare = messages.slice(lastAsk + 1).some((message) => {
    const first = String(objects(message["content"])[0]?.["type"]);
    return idsOf(message, "tool_use").length > 0 &&
      !["thinking", "redacted_thinking"].includes(first);
  });
  return [
    ...(budget >= 1024 ? [] : ["thinking: budget below 1024"]),
    ...(budget < Number(body["max_tokens"]) ? [] : ["thinking: budget not below max_tokens"]),
    ...(isBare ? ["thinking: the assistant's tool turn must start with a thinking block"] : []),
    ...(messages.at(-1)?.["role"] === "assistant" ? ["thinking with a prefill"] : []),
  ];
}

function findModelFaults(body: JsonObject): readonly string[] {
  const model = String(body["model"]);
  const faults: string[] = [];
  const names = ["temperature", "top_p", "top_k"];
  if (NEWEST.test(model)) {
    faults.push(...names.filter((name) => body[name] !== undefined).map((name) => `${name}: gone`));
    if (objects(body["messages"]).at(-1)?.["role"] === "assistant") faults.push("prefill: refused");
    if (isJsonObject(body["thinking"]) && body["thinking"]["type"] === "enabled") {
      faults.push("thinking.enabled: refused");
    }
  }
  if (
    ONE_SAMPLING.test(model) && body["temperature"] !== undefined && body["top_p"] !== undefined
  ) {
    faults.push("temperature and top_p together");
  }
  return faults;
}

/** https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
function findMarkFaults(body: JsonObject): readonly string[] {
  const content = objects(body["messages"]).flatMap((message) => objects(message["content"]));
  const blocks = content.flatMap((block) => [...objects(block["content"]), block]);
  const marks = [...objects(body["tools"]), ...objects(body["system"]), ...blocks, body]
    .map((block) => block["cache_control"] ?? null).filter((mark) => mark !== null);
  const times = marks.map((mark) => isJsonObject(mark) ? mark["ttl"] ?? "5m" : "5m");
  const isUnsorted = times.lastIndexOf("1h") > times.indexOf("5m") && times.includes("5m");
  return [
    ...(marks.length > 4 ? ["more than four cache_control marks"] : []),
    ...(marks.every((mark) => isJsonObject(mark) && mark["type"] === "ephemeral")
      ? []
      : ["cache_control: not ephemeral"]),
    ...(isUnsorted ? ["cache_control: a mark of 1h after one of 5m"] : []),
  ];
}
