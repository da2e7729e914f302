import assert from "node:assert/strict";
import type { ChatRequest, Tool, ToolChoice } from "../../src/core/chat.ts";
import { arrayAt, type JsonObject, valueAt } from "../../src/core/json.ts";
import { CLASSIC, encode, STRUCTURED, userSays } from "../support/anthropic_case.ts";

const PARAMETERS = { "type": "object", "properties": { "city": { "type": "string" } } };

function tool(name: string, rest: JsonObject = {}): Tool {
  return { "type": "function", "function": { "name": name, "parameters": PARAMETERS, ...rest } };
}

Deno.test("encodeRequest() sends tools with their descriptions and schemas", () => {
  const { body, dropped } = encode({
    tools: [
      tool("a", { "description": "Does a." }),
      { "type": "function", "function": { "name": "b" } },
      tool("a", { "description": "A second a." }),
    ],
  });
  assert.deepEqual(body["tools"], [
    { "name": "a", "description": "Does a.", "input_schema": PARAMETERS },
    { "name": "b", "input_schema": { "type": "object" } },
  ]);
  assert.deepEqual(dropped, ["tools"]);
});

Deno.test("encodeRequest() reports tools that are no functions", () => {
  const { body, dropped } = encode({
    tools: [tool("a"), { "type": "custom", "custom": { "name": "c" } }],
  });
  assert.deepEqual(body["tools"], [{ "name": "a", "input_schema": PARAMETERS }]);
  assert.deepEqual(dropped, ["tools"]);
});

Deno.test("encodeRequest() sends strict where the model has it, else reports it", () => {
  const request = { tools: [tool("a", { "strict": true })] };
  const strict = encode(request, { modelId: STRUCTURED });
  assert.deepEqual(strict.body["tools"], [{
    "name": "a",
    "input_schema": { ...PARAMETERS, "additionalProperties": false },
    "strict": true,
  }]);
  assert.deepEqual(strict.dropped, []);
  assert.deepEqual(encode(request, { modelId: CLASSIC }).dropped, ["tools.function.strict"]);
});

const CHOICES: readonly (readonly [ToolChoice, boolean | null, JsonObject | undefined])[] = [
  ["none", null, { "type": "none" }],
  ["auto", null, { "type": "auto" }],
  ["required", null, { "type": "any" }],
  [{ "type": "function", "function": { "name": "b.c" } }, null, { "type": "tool", "name": "b_c" }],
  ["auto", false, { "type": "auto", "disable_parallel_tool_use": true }],
  ["required", false, { "type": "any", "disable_parallel_tool_use": true }],
  ["none", false, { "type": "none" }],
  ["required", true, { "type": "any" }],
];

for (const [choice, parallel, expected] of CHOICES) {
  const name = `${JSON.stringify(choice)} with parallel_tool_calls ${parallel}`;
  Deno.test(`encodeRequest() translates tool_choice ${name}`, () => {
    const { body, dropped } = encode({
      "tools": [tool("a"), tool("b.c")],
      "tool_choice": choice,
      "parallel_tool_calls": parallel,
    });
    assert.deepEqual(body["tool_choice"], expected);
    assert.deepEqual(dropped, []);
  });
}

Deno.test("encodeRequest() forbids parallel calls without a tool_choice", () => {
  const { body } = encode({ "tools": [tool("a")], "parallel_tool_calls": false });
  assert.deepEqual(body["tool_choice"], { "type": "auto", "disable_parallel_tool_use": true });
});

Deno.test("encodeRequest() offers only the allowed tools", () => {
  const { body } = encode({
    "tools": [tool("a"), tool("b")],
    "tool_choice": {
      "type": "allowed_tools",
      "allowed_tools": {
        "mode": "required",
        "tools": [{ "type": "function", "function": { "name": "b" } }],
      },
    },
  });
  assert.deepEqual(body["tools"], [{ "name": "b", "input_schema": PARAMETERS }]);
  assert.deepEqual(body["tool_choice"], { "type": "any" });
});

Deno.test("encodeRequest() reads OpenAI's older functions", () => {
  const { body } = encode({
    "functions": [{ "name": "f", "description": "Does f.", "parameters": PARAMETERS }],
    "function_call": { "name": "f" },
  });
  assert.deepEqual(body["tools"], [
    { "name": "f", "description": "Does f.", "input_schema": PARAMETERS },
  ]);
  assert.deepEqual(body["tool_choice"], {
    "type": "tool",
    "name": "f",
    "disable_parallel_tool_use": true,
  });
});

const SCHEMA = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "properties": {
    "age": { "type": "integer", "minimum": 1, "description": "In years." },
    "pet": { "oneOf": [{ "type": "object", "properties": {} }, { "type": "null" }] },
    "minimum": { "type": "string" },
  },
  "required": ["age"],
};

function schemaRequest(rest: Partial<ChatRequest> = {}): Partial<ChatRequest> {
  return {
    "response_format": {
      "type": "json_schema",
      "json_schema": { "name": "person", "strict": true, "schema": SCHEMA },
    },
    ...rest,
  };
}

Deno.test("encodeRequest() sends a JSON schema closed, refused constraints in the description", () => {
  const { body, dropped } = encode(schemaRequest(), { modelId: STRUCTURED });
  assert.deepEqual(body["output_config"], {
    "format": {
      "type": "json_schema",
      "schema": {
        "type": "object",
        "properties": {
          "age": { "type": "integer", "description": "In years. {minimum: 1}" },
          "pet": {
            "anyOf": [
              { "type": "object", "properties": {}, "additionalProperties": false },
              { "type": "null" },
            ],
          },
          "minimum": { "type": "string" },
        },
        "required": ["age"],
        "additionalProperties": false,
      },
    },
  });
  assert.deepEqual(dropped, []);
});

const ANSWER_TOOL = {
  "name": "json_answer",
  "description": "Gives the final answer to the user.",
  "input_schema": SCHEMA,
};

Deno.test("encodeRequest() sends a JSON schema as a forced tool to an older model", () => {
  const { body, dropped } = encode(schemaRequest(), { modelId: CLASSIC });
  assert.deepEqual(body["tools"], [ANSWER_TOOL]);
  assert.deepEqual(body["tool_choice"], {
    "type": "tool",
    "name": "json_answer",
    "disable_parallel_tool_use": true,
  });
  assert.deepEqual(dropped, []);
});

Deno.test("encodeRequest() lets an older model choose between the answer's tool and the client's", () => {
  const { body } = encode(schemaRequest({ "tools": [tool("json_answer")] }), { modelId: CLASSIC });
  assert.deepEqual(body["tools"], [
    { "name": "json_answer", "input_schema": PARAMETERS },
    { ...ANSWER_TOOL, "name": "json_answer_2" },
  ]);
  assert.deepEqual(body["tool_choice"], { "type": "any" });
});

Deno.test("encodeRequest() reports a JSON schema beside a forced tool of an older model", () => {
  const request = schemaRequest({ "tools": [tool("a")], "tool_choice": "required" });
  const { body, dropped } = encode(request, { modelId: CLASSIC });
  assert.deepEqual(body["tool_choice"], { "type": "any" });
  assert.deepEqual(dropped, ["response_format"]);
});

Deno.test("encodeRequest() does not prefill an answer that a schema shapes", () => {
  for (const modelId of [CLASSIC, STRUCTURED]) {
    const messages = [userSays("a"), { "role": "assistant", "content": "{" } as const];
    const { body } = encode(schemaRequest({ messages }), { modelId });
    const turns = body["messages"];
    assert.deepEqual(Array.isArray(turns) ? turns.at(-1) : null, {
      "role": "user",
      "content": [{ "type": "text", "text": "Continue." }],
    });
  }
});

Deno.test("encodeRequest() asks for JSON mode in the system prompt", () => {
  const { body, dropped } = encode({ "response_format": { "type": "json_object" } });
  assert.match(JSON.stringify(body["system"]), /single valid JSON object/);
  assert.deepEqual(dropped, []);
});

/** Schemas that leave names open: closed, they could only be met by an empty object. */
const OPEN_SCHEMAS: Readonly<Record<string, JsonObject | undefined>> = {
  "none at all": undefined,
  "an object without properties": { "type": "object" },
  "entries of any name": { "type": "object", "properties": {}, "additionalProperties": true },
  "entries of a schema": { "type": "object", "additionalProperties": { "type": "string" } },
  "a property that is such an object": {
    "type": "object",
    "properties": { "data": { "type": "object" } },
  },
  "items that are such objects": {
    "type": "object",
    "properties": { "list": { "type": "array", "items": { "type": "object" } } },
  },
  "names by a pattern": { "type": "object", "properties": {}, "patternProperties": { "^x": {} } },
};

for (const [name, schema] of Object.entries(OPEN_SCHEMAS)) {
  Deno.test(`encodeRequest() answers by a forced tool where the schema has ${name}`, () => {
    const format = { "name": "x", ...(schema === undefined ? {} : { schema }) };
    const response = { "type": "json_schema", "json_schema": format };
    const { body, dropped } = encode({ "response_format": response }, { modelId: STRUCTURED });
    assert.equal(body["output_config"], undefined);
    assert.equal(arrayAt(body, "tools").length, 1);
    assert.deepEqual(dropped, []);
  });
}

Deno.test("encodeRequest() reports a schema of an answer that is no object for an older model", () => {
  const schema = { "type": "array", "items": { "type": "string" } };
  const response = { "type": "json_schema", "json_schema": { "name": "x", schema } };
  const { body, dropped } = encode({ "response_format": response }, { modelId: CLASSIC });
  assert.equal(body["tools"], undefined);
  assert.deepEqual(dropped, ["response_format"]);
});

Deno.test("encodeRequest() enforces no tool whose parameters are open", () => {
  const open = { "type": "object", "properties": { "data": { "type": "object" } } };
  const tools = [tool("a", { "strict": true }), tool("b", { "strict": true, "parameters": open })];
  const { body, dropped } = encode({ tools }, { modelId: STRUCTURED });
  assert.deepEqual(arrayAt(body, "tools").map((each) => valueAt(each, "strict")), [
    true,
    undefined,
  ]);
  assert.deepEqual(dropped, ["tools.function.strict"]);
});

Deno.test("encodeRequest() drops a choice of a tool that is not there, and a second tool of a name", () => {
  const tools = [tool("a"), tool("a"), tool("a", { "description": "Another." })];
  const choice = { "type": "function", "function": { "name": "zz" } };
  const { body, dropped } = encode({ tools, "tool_choice": choice });
  assert.equal(arrayAt(body, "tools").length, 1);
  assert.equal(body["tool_choice"], undefined);
  assert.deepEqual(dropped, ["tools", "tool_choice"]);
});
