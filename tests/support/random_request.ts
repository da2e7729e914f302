/** Whole requests at random, a history and all that clients say about it. */

import fc from "fast-check";
import type { JsonObject } from "../../src/core/json.ts";
import { cacheMark } from "./random_content.ts";
import { history, TOOL_NAMES } from "./random_history.ts";

const SCHEMA: JsonObject = {
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "properties": {
    "city": { "type": "string", "minLength": 1 },
    "days": { "type": ["integer", "null"], "minimum": 1 },
    "more": { "type": "array", "items": { "type": "object", "properties": {} } },
  },
  "required": ["city"],
};

const CLOSED_SCHEMA: JsonObject = {
  "type": "object",
  "properties": { "city": { "type": "string" } },
  "required": ["city"],
  "additionalProperties": false,
};

/** The specification of a tool beside its name. */
const TOOL_SPECS: readonly JsonObject[] = [
  { "description": "Gets it.", "parameters": SCHEMA },
  { "description": "Gets it.", "parameters": CLOSED_SCHEMA, "strict": true },
  { "parameters": CLOSED_SCHEMA, "strict": false },
  { "parameters": { "type": "object" } },
  { "description": null, "parameters": null },
  {},
];

const toolSpec = fc.tuple(fc.constantFrom(...TOOL_SPECS), cacheMark);

/** All tools that a history can call: what a client that has tools at all sends each time. */
const allTools: fc.Arbitrary<readonly JsonObject[]> = fc.tuple(
  ...TOOL_NAMES.map((name) => toolSpec.map(([spec, mark]) => toolOf(name, spec, mark))),
);

function toolOf(name: string, spec: JsonObject, mark: JsonObject): JsonObject {
  return { "type": "function", "function": { "name": name, ...spec }, ...mark };
}

const NAMED_CHOICE = { "type": "function", "function": { "name": "fs.read" } };
const ALLOWED_CHOICE = {
  "type": "allowed_tools",
  "allowed_tools": { "mode": "auto", "tools": [NAMED_CHOICE] },
};

/** Tools and how to use them. */
const toolFields: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constantFrom<JsonObject>({ "tools": [] }, { "tools": null }) },
  {
    weight: 6,
    arbitrary: fc.record({
      tools: allTools,
      "tool_choice": fc.constantFrom(
        undefined,
        null,
        "auto",
        "none",
        "required",
        NAMED_CHOICE,
        ALLOWED_CHOICE,
      ),
      "parallel_tool_calls": fc.constantFrom(undefined, null, true, false),
    }),
  },
);

/** Formats of the answer; JSON mode comes with the instruction that OpenAI demands of clients. */
const FORMATS: readonly (JsonObject | undefined)[] = [
  undefined,
  undefined,
  undefined,
  { "type": "text" },
  { "type": "json_object" },
  { "type": "json_schema", "json_schema": { "name": "out", "schema": SCHEMA } },
  {
    "type": "json_schema",
    "json_schema": { "name": "out", "schema": CLOSED_SCHEMA, "strict": true, "description": "It." },
  },
];

const THINKING = { "type": "enabled", "budget_tokens": 2000 };
const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh"];

/** What clients say about the answer; most say little. */
const settings: fc.Arbitrary<JsonObject> = fc.record({
  stream: fc.boolean(),
  "stream_options": fc.constantFrom(undefined, null, { "include_usage": true }),
  temperature: fc.constantFrom(undefined, undefined, null, 0, 0.7, 1, 2),
  "top_p": fc.constantFrom(undefined, undefined, 0.9, 1),
  "max_tokens": fc.constantFrom(undefined, undefined, 1, 100, 32_000),
  "max_completion_tokens": fc.constantFrom(undefined, undefined, 5, 2048),
  stop: fc.constantFrom(undefined, undefined, null, "END", ["a", "b"], [" ", "\n\n"], []),
  "reasoning_effort": fc.constantFrom(undefined, undefined, ...EFFORTS),
  "response_format": fc.constantFrom(...FORMATS),
  seed: fc.constantFrom(undefined, undefined, 7),
  n: fc.constantFrom(undefined, undefined, undefined, undefined, 1, 1, null, null, 2),
});

/** Fields of one vendor or another, and of none. */
const EXTRAS: readonly JsonObject[] = [
  {},
  {},
  {},
  { "user": "u-1", "metadata": { "a": "b" }, "store": false },
  { "frequency_penalty": 0.5, "presence_penalty": -0.5, "logit_bias": { "5": 1 } },
  { "logprobs": true, "top_logprobs": 2 },
  { "top_k": 5, "min_p": 0.1, "repetition_penalty": 1.1, "keep_alive": "5m" },
  { "thinking": THINKING },
  { "thinking": { "type": "adaptive" }, "cache_control": { "type": "ephemeral" } },
  { "prompt_cache_key": "k", "service_tier": "auto", "verbosity": "low" },
  { "x_unknown": { "a": [1] }, "provider": { "order": ["a"] }, "usage": { "include": true } },
];

const JSON_ASK: JsonObject = { "role": "system", "content": "Answer with JSON (wffffffff)." };

/** The body of a request, as JSON brings it: without undefined. */
export const clientRequest: fc.Arbitrary<JsonObject> = fc.record({
  messages: history,
  tools: toolFields,
  settings,
  extra: fc.constantFrom(...EXTRAS),
}).map(({ messages, tools, settings, extra }) => {
  const format = settings["response_format"];
  const isJsonMode = typeof format === "object" && JSON.stringify(format).includes("json_object");
  const all = isJsonMode ? [JSON_ASK, ...messages] : messages;
  return withoutUndefined({ "model": "auto", "messages": all, ...tools, ...settings, ...extra });
});

function withoutUndefined(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

/** The same requests in every run of the tests: only a change of the generators changes them. */
export function sampleRequests(count: number, seed = 20_261): readonly JsonObject[] {
  return fc.sample(clientRequest, { numRuns: count, seed });
}
