/** Checks a body of Anthropic's Messages API as strictly as the vendor does. */

import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";

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
    ...(countMarks(body) > 4 ? ["more than four cache_control marks"] : []),
  ];
}

const BODY_KEYS =
  "model messages max_tokens system stream stop_sequences temperature top_p top_k " +
  "metadata tools tool_choice thinking output_config cache_control";

const BLOCK_KEYS: Readonly<Record<string, string>> = {
  "text": "type text cache_control",
  "image": "type source cache_control",
  "document": "type source title cache_control",
  "tool_use": "type id name input cache_control",
  "tool_result": "type tool_use_id content is_error cache_control",
};

const NEWEST = /claude-new|opus-4-[789]|(?:opus|sonnet|haiku)-[5-9]|fable|mythos/;
const ONE_SAMPLING = /opus-4-[156]|sonnet-4-[56]|haiku-4-5/;
const IMAGE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

function findUnknownKeys(path: string, value: JsonObject, known: string): readonly string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined)
    .filter((key) => !known.split(" ").includes(key))
    .map((key) => `${path}.${key}: extra inputs are not permitted`);
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

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
  const stops = body["stop_sequences"];
  if (Array.isArray(stops) && stops.some((stop) => String(stop).trim() === "")) {
    faults.push("stop_sequences: blank");
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
  return objects(system).flatMap((block, index) =>
    block["type"] === "text"
      ? findBlockFaults(`system.${index}`, block, "user")
      : ["system: text only"]
  );
}

function findMessageFaults(body: JsonObject): readonly string[] {
  const messages = objects(body["messages"]);
  const faults = messages.length === 0 ? ["messages: at least one is required"] : [];
  let previous: JsonObject | undefined;
  const ids = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const path = `messages.${index}`;
    const role = String(message["role"]);
    const blocks = objects(message["content"]);
    faults.push(...findUnknownKeys(path, message, "role content"));
    if (index === 0 && role !== "user") faults.push("messages: the first must be the user's");
    if (previous?.["role"] === role) faults.push(`${path}: roles must alternate`);
    if (blocks.length === 0) faults.push(`${path}: content is empty`);
    faults.push(...blocks.flatMap((block, at) => findBlockFaults(`${path}.${at}`, block, role)));
    faults.push(...findPairingFaults(path, previous, message));
    for (const id of idsOf(message, "tool_use")) {
      if (ids.has(id)) faults.push(`${path}: tool_use id ${id} is not unique`);
      ids.add(id);
    }
    previous = message;
  }
  if (idsOf(previous, "tool_use").length > 0) faults.push("the last tool_use has no result");
  const last = objects(previous?.["content"]).at(-1);
  if (previous?.["role"] === "assistant" && /\s$/.test(String(last?.["text"] ?? ""))) {
    faults.push("the final assistant content ends with white space");
  }
  return faults;
}

function idsOf(message: JsonObject | undefined, type: "tool_use" | "tool_result") {
  const key = type === "tool_use" ? "id" : "tool_use_id";
  return objects(message?.["content"]).filter((block) => block["type"] === type)
    .map((block) => String(block[key]));
}

function findPairingFaults(
  path: string,
  previous: JsonObject | undefined,
  message: JsonObject,
): readonly string[] {
  const uses = idsOf(previous, "tool_use");
  const results = idsOf(message, "tool_result");
  const types = objects(message["content"]).map((block) => block["type"]);
  const firstOther = types.findIndex((type) => type !== "tool_result");
  return [
    ...uses.filter((id) => !results.includes(id)).map((id) => `${path}: ${id} has no result`),
    ...results.filter((id) => !uses.includes(id)).map((id) => `${path}: ${id} has no tool_use`),
    ...(new Set(results).size < results.length ? [`${path}: two results for one tool_use`] : []),
    ...(firstOther >= 0 && types.lastIndexOf("tool_result") > firstOther
      ? [`${path}: tool_result blocks must come first`]
      : []),
  ];
}

function findBlockFaults(path: string, block: JsonObject, role: string): readonly string[] {
  const type = String(block["type"]);
  const known = BLOCK_KEYS[type];
  if (known === undefined) return [`${path}: unknown block type ${type}`];
  const faults = [...findUnknownKeys(path, block, known)];
  const isAssistant = type === "tool_use";
  if (isAssistant && role !== "assistant") faults.push(`${path}: tool_use is the assistant's`);
  if (!isAssistant && type !== "text" && role !== "user") {
    faults.push(`${path}: ${type} is the user's`);
  }
  if (type === "text" && String(block["text"] ?? "").trim() === "") {
    faults.push(`${path}: blank text`);
  }
  if (type === "image" || type === "document") faults.push(...findSourceFaults(path, block));
  if (type === "tool_use") faults.push(...findUseFaults(path, block));
  if (type === "tool_result") {
    const { content } = block;
    if (Array.isArray(content)) {
      faults.push(
        ...objects(content).flatMap((inner, at) => findBlockFaults(`${path}.${at}`, inner, role)),
      );
      if (content.length === 0) faults.push(`${path}: empty list`);
    } else if (content !== undefined && String(content).trim() === "") {
      faults.push(`${path}: blank content`);
    }
  }
  return faults;
}

function findUseFaults(path: string, block: JsonObject): readonly string[] {
  return [
    ...(/^[a-zA-Z0-9_-]+$/.test(String(block["id"])) ? [] : [`${path}: bad id`]),
    ...(/^[a-zA-Z0-9_-]{1,128}$/.test(String(block["name"])) ? [] : [`${path}: bad name`]),
    ...(isJsonObject(block["input"]) ? [] : [`${path}: input is not an object`]),
  ];
}

function findSourceFaults(path: string, block: JsonObject): readonly string[] {
  const source = isJsonObject(block["source"]) ? block["source"] : {};
  if (source["type"] === "url") {
    return /^https?:\/\//.test(String(source["url"])) ? [] : [`${path}: bad url`];
  }
  const types = block["type"] === "image" ? IMAGE_TYPES : ["application/pdf"];
  return [
    ...(source["type"] === "base64" ? [] : [`${path}: unknown source`]),
    ...(types.includes(String(source["media_type"])) ? [] : [`${path}: bad media type`]),
    ...(/^[A-Za-z0-9+/]+={0,2}$/.test(String(source["data"])) ? [] : [`${path}: bad base64`]),
  ];
}

function findToolFaults(body: JsonObject): readonly string[] {
  const tools = objects(body["tools"]);
  const names = tools.map((tool) => String(tool["name"]));
  const faults = tools.flatMap((tool) => [
    ...findUnknownKeys("tools", tool, "name description input_schema strict cache_control"),
    ...(/^[a-zA-Z0-9_-]{1,128}$/.test(String(tool["name"])) ? [] : ["tools: bad name"]),
    ...(isJsonObject(tool["input_schema"]) && tool["input_schema"]["type"] === "object"
      ? []
      : ["tools: input_schema must be an object's"]),
  ]);
  if (new Set(names).size < names.length) faults.push("tools: names must be unique");
  const usesTools = objects(body["messages"]).some((message) =>
    idsOf(message, "tool_use").length + idsOf(message, "tool_result").length > 0
  );
  if (usesTools && tools.length === 0) faults.push("tools must be defined");
  const choice = body["tool_choice"];
  if (!isJsonObject(choice)) return faults;
  if (tools.length === 0) faults.push("tool_choice without tools");
  faults.push(...findUnknownKeys("tool_choice", choice, "type name disable_parallel_tool_use"));
  if (choice["type"] === "tool" && !names.includes(String(choice["name"]))) {
    faults.push("tool_choice: no such tool");
  }
  return faults;
}

function findThinkingFaults(body: JsonObject): readonly string[] {
  const thinking = isJsonObject(body["thinking"]) ? body["thinking"] : { "type": "disabled" };
  if (thinking["type"] === "disabled") return [];
  const choice = isJsonObject(body["tool_choice"]) ? String(body["tool_choice"]["type"]) : "auto";
  const faults = ["any", "tool"].includes(choice) ? ["thinking with a forced tool"] : [];
  if (body["temperature"] !== undefined && body["temperature"] !== 1) {
    faults.push("thinking with a temperature");
  }
  if (thinking["type"] !== "enabled") return faults;
  const budget = Number(thinking["budget_tokens"]);
  if (!(budget >= 1024)) faults.push("thinking: budget below 1024");
  if (!(budget < Number(body["max_tokens"]))) faults.push("thinking: budget not below max_tokens");
  const messages = objects(body["messages"]);
  const lastAsk = messages.findLastIndex((message) =>
    message["role"] === "user" &&
    objects(message["content"]).some((block) => block["type"] !== "tool_result")
  );
  if (messages.slice(lastAsk + 1).some((message) => idsOf(message, "tool_use").length > 0)) {
    faults.push("thinking: the assistant's tool turn must start with a thinking block");
  }
  if (messages.at(-1)?.["role"] === "assistant") faults.push("thinking with a prefill");
  return faults;
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

function countMarks(body: JsonObject): number {
  const content = objects(body["messages"]).flatMap((message) => objects(message["content"]));
  const inner = content.flatMap((block) => objects(block["content"]));
  return [body, ...objects(body["tools"]), ...objects(body["system"]), ...content, ...inner]
    .filter((block) => block["cache_control"] !== undefined).length;
}
