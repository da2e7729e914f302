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
  valueAt,
} from "../../src/core/json.ts";
import {
  checkMessages,
  firstOf,
  type Problem,
  TOOL_NAME,
  unknownKey,
} from "./openai_message_validator.ts";

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
  "moderation",
  "n",
  "parallel_tool_calls",
  "prediction",
  "presence_penalty",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
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

const SPEC_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["function", ["name", "description", "parameters", "strict"]],
  ["custom", ["name", "description", "format"]],
]);

const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** The first thing that the vendor would refuse. */
export function findProblem(body: JsonObject): Problem {
  return firstOf([
    () => unknownKey(body, BODY_KEYS, ""),
    () => stringAt(body, "model") ? null : "model is required",
    () => checkMessages(arrayAt(body, "messages")),
    () => checkTools(body),
    () => checkChoice(body),
    () => checkStream(body),
    () => checkLimits(body),
    () => checkReasoning(body),
    () => checkStop(body),
    () => checkFormat(body),
  ]);
}

function checkTools(body: JsonObject): Problem {
  const tools = body["tools"] ?? null;
  if (tools === null) {
    const lost = ["tool_choice", "parallel_tool_calls"].find((key) => (body[key] ?? null) !== null);
    return lost === undefined ? null : `${lost} without tools`;
  }
  const list = arrayAt(body, "tools");
  if (list.length === 0) return "tools is empty";
  if (list.length > 128) return "tools are too many";
  const names = list.map(nameOf);
  if (new Set(names).size < names.length) return "two tools have one name";
  return firstOf(list.map((tool) => () => checkTool(tool)));
}

function nameOf(tool: JsonValue): string {
  return stringAt(objectAt(tool, stringAt(tool, "type") ?? ""), "name") ?? "";
}

function checkTool(tool: JsonValue): Problem {
  const type = stringAt(tool, "type") ?? "";
  const keys = SPEC_KEYS.get(type);
  const spec = objectAt(tool, type);
  if (keys === undefined || spec === undefined || !isJsonObject(tool)) return `a tool is a ${type}`;
  const parameters = spec["parameters"];
  const isTyped = isJsonObject(parameters) &&
    (parameters["type"] === "object" || Object.keys(parameters).length === 0);
  return firstOf([
    () => unknownKey(tool, ["type", type], "tools."),
    () => unknownKey(spec, keys, `tools.${type}.`),
    () => TOOL_NAME.test(nameOf(tool)) ? null : "a tool has a wrong name",
    () => parameters === undefined || isTyped ? null : "parameters are no object",
  ]);
}

function checkChoice(body: JsonObject): Problem {
  const choice = body["tool_choice"] ?? null;
  if (choice === null) return null;
  if (typeof choice === "string") {
    return ["none", "auto", "required"].includes(choice) ? null : `tool_choice is ${choice}`;
  }
  const allowed = objectAt(choice, "allowed_tools");
  const chosen = allowed === undefined ? [choice] : arrayAt(allowed, "tools");
  const names = new Set(arrayAt(body, "tools").map(nameOf));
  const isDefined = chosen.length > 0 && chosen.every((tool) => names.has(nameOf(tool)));
  return isDefined ? null : "tool_choice names a tool that is not there";
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
  return null;
}

function checkReasoning(body: JsonObject): Problem {
  const effort = body["reasoning_effort"];
  if (effort !== undefined && !EFFORTS.some((known) => known === effort)) {
    return "reasoning_effort is unknown";
  }
  const model = stringAt(body, "model") ?? "";
  if (!/^(o[134]|gpt-5)/.test(model)) return null;
  if (numberAt(body, "max_tokens")) return "max_tokens for a reasoning model";
  if ((numberAt(body, "temperature") ?? 1) !== 1) return "temperature for a reasoning model";
  if (/^o/.test(model) && body["parallel_tool_calls"] !== undefined) return "parallel_tool_calls";
  return body["stop"] === undefined || /^o1/.test(model) ? null : "stop for a reasoning model";
}

function checkStop(body: JsonObject): Problem {
  return arrayAt(body, "stop").length > 4 ? "too many stop sequences" : null;
}

function checkFormat(body: JsonObject): Problem {
  const format = objectAt(body, "response_format");
  if (format === undefined) return null;
  const type = stringAt(format, "type") ?? "";
  if (type === "text") return null;
  if (type === "json_object") {
    const texts = JSON.stringify(
      arrayAt(body, "messages").map((message) => valueAt(message, "content") ?? ""),
    );
    return /json/i.test(texts) ? null : "no message says json";
  }
  const schema = objectAt(format, "json_schema");
  if (type !== "json_schema" || schema === undefined) return "unknown response_format";
  return firstOf([
    () => unknownKey(format, ["type", "json_schema"], "response_format."),
    () => unknownKey(schema, ["name", "description", "schema", "strict"], "json_schema."),
    () => TOOL_NAME.test(stringAt(schema, "name") ?? "") ? null : "a schema has a wrong name",
  ]);
}
