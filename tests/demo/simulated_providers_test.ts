import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { type PersonaName, PERSONAS } from "../../src/demo/persona.ts";
import { at, post, readLines, sentTo, withProviders } from "../support/simulated_case.ts";

const WEATHER_SCHEMA = { "type": "object", "properties": { "city": { "type": "string" } } };
const FUNCTION_TOOL = {
  "type": "function",
  "function": { "name": "get_weather", "parameters": WEATHER_SCHEMA },
};

Deno.test("the simulated OpenAI provider streams chunks, usage when asked, and [DONE]", async () => {
  await withProviders(async (providers) => {
    const fields = { "stream": true, "stream_options": { "include_usage": true } };
    const response = await post(providers, "cloud", sentTo("cloud", fields));
    assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
    const text = await response.text();
    assert.ok(text.endsWith("data: [DONE]\n\n"));
    const chunks = readLines(text);
    assert.deepEqual(at(chunks[0], "choices", 0, "delta"), { "role": "assistant", "content": "" });
    const words = chunks.map((chunk) => at(chunk, "choices", 0, "delta", "content") ?? "").join("");
    assert.match(words, /^This is sim-cloud-1.*capital of France is Paris/);
    assert.equal(at(chunks.at(-2), "choices", 0, "finish_reason"), "stop");
    assert.equal(at(chunks.at(-1), "usage", "completion_tokens"), chunks.length - 3);
  });
});

Deno.test("the simulated OpenAI provider keeps usage back when nobody asked", async () => {
  await withProviders(async (providers) => {
    const response = await post(providers, "cloud", sentTo("cloud", { "stream": true }));
    assert.doesNotMatch(await response.text(), /"usage"/);
  });
});

Deno.test("the simulated Anthropic provider streams its events in order", async () => {
  await withProviders(async (providers) => {
    const response = await post(providers, "claude", sentTo("claude", { "stream": true }));
    const text = await response.text();
    const types = [...text.matchAll(/^event: (\w+)$/gm)].map((match) => match[1]);
    assert.deepEqual([...new Set(types)], [
      "message_start",
      "ping",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    const words = readLines(text).map((event) => at(event, "delta", "text") ?? "").join("");
    assert.match(words, /^This is sim-premium-1.*Paris/);
  });
});

Deno.test("the simulated Ollama provider streams lines and ends with done", async () => {
  await withProviders(async (providers) => {
    const response = await post(providers, "local", sentTo("local", { "stream": true }));
    assert.equal(response.headers.get("content-type"), "application/x-ndjson");
    const lines = readLines(await response.text());
    assert.match(lines.map((line) => at(line, "message", "content")).join(""), /Paris/);
    assert.equal(at(lines.at(-1), "done"), true);
    assert.equal(at(lines.at(-1), "eval_count"), lines.length - 1);
  });
});

interface ToolCase {
  readonly name: PersonaName;
  readonly tool: JsonObject;
  readonly callPath: readonly (string | number)[];
  readonly call: unknown;
  readonly result: JsonObject;
  readonly textPath: readonly (string | number)[];
}

const RESULT = "4 degrees and rain.";
const TOOL_CASES: readonly ToolCase[] = [
  {
    name: "cloud",
    tool: FUNCTION_TOOL,
    callPath: ["choices", 0, "message", "tool_calls", 0, "function"],
    call: { "name": "get_weather", "arguments": '{"city":"Oslo"}' },
    result: { "role": "tool", "tool_call_id": "call_1", "content": RESULT },
    textPath: ["choices", 0, "message", "content"],
  },
  {
    name: "claude",
    tool: { "name": "get_weather", "input_schema": WEATHER_SCHEMA },
    callPath: ["content", 0, "input"],
    call: { "city": "Oslo" },
    result: {
      "role": "user",
      "content": [{ "type": "tool_result", "tool_use_id": "call_1", "content": RESULT }],
    },
    textPath: ["content", 0, "text"],
  },
  {
    name: "local",
    tool: FUNCTION_TOOL,
    callPath: ["message", "tool_calls", 0, "function"],
    call: { "index": 0, "name": "get_weather", "arguments": { "city": "Oslo" } },
    result: { "role": "tool", "tool_name": "get_weather", "content": RESULT },
    textPath: ["message", "content"],
  },
];

for (const { name, tool, callPath, call, result, textPath } of TOOL_CASES) {
  Deno.test(`the simulated provider "${name}" calls a tool and quotes its result`, async () => {
    await withProviders(async (providers) => {
      const ask = { "role": "user", "content": "How is the weather in Oslo?" };
      const asked = sentTo(name, { "messages": [ask], "tools": [tool] });
      assert.deepEqual(at(await (await post(providers, name, asked)).json(), ...callPath), call);
      const history = [ask, { "role": "assistant", "content": "" }, result];
      const told = sentTo(name, { "messages": history, "tools": [tool] });
      const answer = at(await (await post(providers, name, told)).json(), ...textPath);
      assert.match(String(answer), /4 degrees and rain\./);
    });
  });
}

Deno.test("the simulated providers answer with JSON of the schema that is asked for", async () => {
  await withProviders(async (providers) => {
    const schema = {
      "type": "object",
      "properties": { "city": { "type": "string" }, "rainy": { "type": "boolean" } },
    };
    const format = { "type": "json_schema", "json_schema": { "name": "w", "schema": schema } };
    const response = await post(providers, "cloud", sentTo("cloud", { "response_format": format }));
    const text = String(at(await response.json(), "choices", 0, "message", "content"));
    assert.deepEqual(JSON.parse(text), { "city": "France", "rainy": true });
  });
});

Deno.test("the simulated providers count a longer conversation's first half as cached", async () => {
  await withProviders(async (providers) => {
    const messages = [
      { "role": "user", "content": "x".repeat(400) },
      { "role": "assistant", "content": "y".repeat(400) },
      { "role": "user", "content": "z".repeat(400) },
    ];
    const whole = await (await post(providers, "cloud", sentTo("cloud", { messages }))).json();
    assert.equal(at(whole, "usage", "prompt_tokens"), 300);
    assert.equal(at(whole, "usage", "prompt_tokens_details", "cached_tokens"), 150);
    const other = await (await post(providers, "claude", sentTo("claude", { messages }))).json();
    assert.equal(at(other, "usage", "input_tokens"), 150);
    assert.equal(at(other, "usage", "cache_read_input_tokens"), 150);
  });
});

Deno.test("the weak simulated provider gives the marker, or one word when asked for one", async () => {
  await withProviders(async (providers) => {
    const say = async (content: string) => {
      const sent = sentTo("weak", { "messages": [{ "role": "user", content }] });
      const body: unknown = await (await post(providers, "weak", sent)).json();
      return at(body, "choices", 0, "message", "content");
    };
    assert.equal(await say("Prove Fermat's theorem."), "<escalate/>");
    assert.equal(await say("Will it rain? In one word."), "Perhaps.");
  });
});

const MODEL_LISTS: readonly (readonly [PersonaName, string, readonly (string | number)[]])[] = [
  ["cloud", "/v1/models", ["data", 0, "id"]],
  ["claude", "/v1/models", ["data", 0, "id"]],
  ["local", "/api/tags", ["models", 0, "name"]],
];

for (const [name, path, idPath] of MODEL_LISTS) {
  Deno.test(`the simulated provider "${name}" lists its model at ${path}`, async () => {
    await withProviders(async (providers) => {
      const response = await fetch(providers.endpoints[name].baseUrl + path);
      assert.equal(at(await response.json(), ...idPath), PERSONAS[name].modelId);
    });
  });
}
