import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import type { CompatFlags } from "../../src/core/provider.ts";
import { openai } from "../../src/providers/openai.ts";
import { callOf, modelOf, providerOf } from "../support/openai_call.ts";
import { encodeCall } from "../support/openai_encoded.ts";

const USER = { "role": "user", "content": "Hi" };
const BRIDGE = { "role": "assistant", "content": "Understood." };
const RESULT = { "role": "tool", "tool_call_id": "c12345678", "content": "ok" };

function call(fields: JsonObject = {}): JsonObject {
  return {
    "id": "c12345678",
    "type": "function",
    "function": { "name": "f", "arguments": "{}" },
    ...fields,
  };
}

const CALLS: JsonObject = { "role": "assistant", "content": null, "tool_calls": [call()] };

/** What an SDK sends back of an answer: the whole object, empty fields and all. */
const ECHO: JsonObject = {
  "role": "assistant",
  "content": null,
  "refusal": null,
  "annotations": [],
  "audio": null,
  "function_call": null,
  "tool_calls": [
    call({
      "index": 0,
      "extra_content": { "google": { "thought_signature": "s" } },
      "custom": null,
    }),
  ],
};

interface Row {
  readonly name: string;
  readonly baseUrl: string;
  readonly modelId?: string;
  readonly messages: readonly JsonObject[];
  readonly expected: readonly JsonObject[];
  readonly dropped?: readonly string[];
}

const KIMI_HOSTS = [
  "https://api.moonshot.ai/v1",
  "https://api.moonshot.cn/v1",
  "https://api.kimi.com/coding/v1",
];

const DETAILS = [
  { "type": "reasoning.text", "text": "why", "signature": "s", "format": "anthropic-claude-v1" },
];
const DETAILED = { ...CALLS, "reasoning_details": DETAILS };
const CLAUDE = { baseUrl: "https://openrouter.ai/api/v1", modelId: "anthropic/claude-sonnet-4.5" };

const REASONING_ROWS: readonly Row[] = [
  {
    name: "gives DeepSeek empty reasoning beside calls that have none",
    baseUrl: "https://api.deepseek.com",
    messages: [USER, CALLS, RESULT],
    expected: [USER, { ...CALLS, "reasoning_content": "" }, RESULT],
  },
  {
    name: "gives DeepSeek no reasoning beside text alone",
    baseUrl: "https://api.deepseek.com",
    messages: [USER, BRIDGE, USER],
    expected: [USER, BRIDGE, USER],
  },
  ...KIMI_HOSTS.flatMap((baseUrl): readonly Row[] => [
    {
      name: `keeps what the model reasoned beside its calls at ${baseUrl}`,
      baseUrl,
      messages: [USER, { ...CALLS, "reasoning_content": "I call f" }, RESULT],
      expected: [USER, { ...CALLS, "reasoning_content": "I call f" }, RESULT],
    },
    {
      name: `fills in the reasoning that calls lack at ${baseUrl}, as empty reasoning is refused`,
      baseUrl,
      messages: [USER, { ...CALLS, "reasoning_content": "" }, RESULT],
      expected: [USER, { ...CALLS, "reasoning_content": "." }, RESULT],
    },
  ]),
  {
    name: "sends Moonshot no empty text beside calls, which it refuses",
    baseUrl: "https://api.moonshot.ai/v1",
    messages: [USER, { ...CALLS, "content": "" }, RESULT],
    expected: [USER, { ...CALLS, "reasoning_content": "." }, RESULT],
  },
  {
    name: "keeps details in the format of the model's vendor, whoever brings them to OpenRouter",
    ...CLAUDE,
    messages: [USER, DETAILED, RESULT],
    expected: [USER, DETAILED, RESULT],
  },
  {
    name: "sends OpenRouter no details of another vendor's, which it refuses",
    ...CLAUDE,
    modelId: "google/gemini-3-pro",
    messages: [USER, DETAILED, RESULT],
    expected: [USER, CALLS, RESULT],
    dropped: ["messages.reasoning_details"],
  },
  {
    name: "sends OpenRouter no details of an unknown format",
    ...CLAUDE,
    messages: [USER, { ...CALLS, "reasoning_details": [...DETAILS, { "type": "x" }] }, RESULT],
    expected: [USER, CALLS, RESULT],
    dropped: ["messages.reasoning_details"],
  },
  {
    name: "sends no details to a server that is not OpenRouter",
    baseUrl: "http://127.0.0.1:8080",
    modelId: "anthropic/claude-sonnet-4.5",
    messages: [USER, DETAILED, RESULT],
    expected: [USER, CALLS, RESULT],
    dropped: ["messages.reasoning_details"],
  },
];

const MISTRAL = { baseUrl: "https://api.mistral.ai/v1", modelId: "mistral-large-latest" };
const RULE = { "role": "system", "content": "Be brief." };
const LATE_RULE = { "role": "user", "content": "<system>\nBe brief.\n</system>" };

const ORDER_ROWS: readonly Row[] = [
  {
    name: "puts an assistant's message between a result and the user for Mistral",
    ...MISTRAL,
    messages: [USER, CALLS, RESULT, USER],
    expected: [USER, CALLS, RESULT, BRIDGE, USER],
  },
  {
    name: "leaves a result that ends the conversation at its end for Mistral",
    ...MISTRAL,
    messages: [USER, CALLS, RESULT],
    expected: [USER, CALLS, RESULT],
  },
  {
    name: "makes a system message after a result the user's for Mistral",
    ...MISTRAL,
    messages: [USER, CALLS, RESULT, RULE, USER],
    expected: [USER, CALLS, RESULT, BRIDGE, LATE_RULE, USER],
  },
  {
    name: "makes a developer message after an assistant's the user's for Mistral",
    ...MISTRAL,
    messages: [USER, BRIDGE, {
      "role": "developer",
      "content": [{ "type": "text", "text": "Be brief." }],
    }, RULE],
    expected: [USER, BRIDGE, {
      "role": "user",
      "content": [{ "type": "text", "text": "<system>\nBe brief.\n</system>" }],
    }, RULE],
  },
  {
    name: "leaves the order as it is for others",
    baseUrl: "http://127.0.0.1:8080",
    messages: [USER, CALLS, RESULT, RULE, USER],
    expected: [USER, CALLS, RESULT, RULE, USER],
  },
];

const ECHO_ROWS: readonly Row[] = [
  ...[MISTRAL.baseUrl, "https://api.groq.com/openai/v1", "http://127.0.0.1:8080"].map((
    baseUrl,
  ): Row => ({
    name: `sends ${baseUrl} nothing of what SDKs echo and says nothing`,
    baseUrl,
    messages: [USER, ECHO, RESULT],
    expected: [USER, CALLS, RESULT],
  })),
  {
    name: "sends Mistral the names of tools alone",
    ...MISTRAL,
    messages: [{ ...USER, "name": "Ann" }, CALLS, { ...RESULT, "name": "f" }],
    expected: [USER, CALLS, { ...RESULT, "name": "f" }],
    dropped: ["messages.name"],
  },
  ...[MISTRAL.baseUrl, "https://api.groq.com/openai/v1", "https://api.cerebras.ai/v1"].map((
    baseUrl,
  ): Row => ({
    name: `sends ${baseUrl} known keys alone, and names the others`,
    baseUrl,
    messages: [
      { ...USER, "weird": 1 },
      { ...CALLS, "reasoning_content": "r", "tool_calls": [call({ "odd": 1 })] },
      { ...RESULT, "content": [{ "type": "text", "text": "ok", "extra": 1 }] },
    ],
    expected: [USER, CALLS, { ...RESULT, "content": [{ "type": "text", "text": "ok" }] }],
    dropped: ["messages.reasoning_content", "messages.weird", "messages.odd", "messages.extra"],
  })),
  {
    name: "says a refusal as text, once, to a server that does not know the field",
    ...MISTRAL,
    messages: [USER, { "role": "assistant", "content": null, "refusal": "No." }, USER],
    expected: [USER, { "role": "assistant", "content": "No." }, USER],
  },
];

for (const row of [...REASONING_ROWS, ...ORDER_ROWS, ...ECHO_ROWS]) {
  const { name, baseUrl, modelId = "m", messages, expected, dropped = [] } = row;
  Deno.test(`encodeRequest() ${name}`, () => {
    const provider = providerOf(baseUrl);
    const sent = encodeCall(callOf({ messages }, { provider, model: modelOf(modelId) }));
    assert.deepEqual(sent.body["messages"], expected);
    assert.deepEqual(sent.dropped, dropped);
  });
}

Deno.test("encodeRequest() gives no filler where compat wants no reasoning", () => {
  const provider = providerOf("https://api.deepseek.com", { compat: { reasoningHistory: false } });
  const { body } = encodeCall(callOf({ messages: [USER, CALLS, RESULT] }, { provider }));
  assert.deepEqual(body["messages"], [USER, CALLS, RESULT]);
});

Deno.test("encodeRequest() leaves out what the host refuses, and what the model does", () => {
  const provider = providerOf("https://api.groq.com/openai/v1");
  const tools = [{ "type": "function", "function": { "name": "f" } }];
  const fields = { tools, "parallel_tool_calls": false, "logit_bias": { "5": 1 } };
  const { body, dropped } = encodeCall(callOf(fields, { provider, model: modelOf("openai/o3") }));
  assert.deepEqual(Object.keys(body), ["messages", "tools", "model", "stream"]);
  assert.deepEqual(dropped, ["logit_bias", "parallel_tool_calls"]);
});

Deno.test("encodeRequest() copies no message of a conversation with tools that needs no change", () => {
  const provider = providerOf("http://127.0.0.1:8080");
  const request = callOf({ messages: [USER, CALLS, RESULT, USER] }, { provider });
  const { messages } = request.request;
  const result = openai.encodeRequest(request);
  assert.equal(result.type === "request" && result.body["messages"] === messages, true);
});

/** What the flags of a server at an address that nobody knows change. */
const FLAGS: readonly (readonly [name: string, CompatFlags, JsonObject, JsonObject])[] = [
  ["a gateway to Mistral", { vendor: "mistral" }, { "seed": 7 }, { "random_seed": 7 }],
  ["a gateway to OpenAI", { vendor: "openai" }, { "max_tokens": 9, "top_k": 5 }, {
    "max_completion_tokens": 9,
  }],
  ["what the config says before the vendor", { vendor: "openai", maxTokensField: "max_tokens" }, {
    "max_tokens": 9,
  }, { "max_tokens": 9 }],
  ["stop = false", { stop: false }, { "stop": "x" }, {}],
  ["refused_fields", { refusedFields: ["logit_bias"] }, { "logit_bias": { "5": 1 } }, {}],
];

for (const [name, compat, fields, sent] of FLAGS) {
  Deno.test(`encodeRequest() heeds ${name}`, () => {
    const provider = providerOf("https://models.corp.example/v1", { compat });
    const { body } = encodeCall(callOf(fields, { provider, model: modelOf("m") }));
    const { model: _, messages: __, stream: ___, ...rest } = body;
    assert.deepEqual(rest, sent);
  });
}

Deno.test("encodeRequest() treats a vendor's own host as the config says", () => {
  const provider = providerOf("https://api.openai.com/v1", { compat: { vendor: "other" } });
  const { body } = encodeCall(callOf({ "top_k": 5 }, { provider, model: modelOf("m") }));
  assert.equal(body["top_k"], 5);
});

Deno.test("encodeRequest() gives a server the ids that compat.call_ids names", () => {
  const idOf = (callIds: CompatFlags["callIds"]) => {
    const provider = providerOf("https://models.corp.example/v1", { compat: { callIds } });
    const history = [USER, { ...CALLS, "tool_calls": [call({ "id": "x".repeat(60) })] }];
    const { body } = encodeCall(callOf({ messages: history }, { provider, model: modelOf("m") }));
    return /"id":"([^"]*)"/.exec(JSON.stringify(body["messages"]))?.[1]?.length;
  };
  assert.deepEqual([idOf("any"), idOf("short"), idOf("nine")], [60, 40, 9]);
});

/** Assistant messages whose text is empty, and what servers get. */
const EMPTY_TEXTS: readonly (readonly [string, CompatFlags, JsonObject, JsonObject])[] = [
  ["a refusal to Groq", { vendor: "groq" }, { "content": "", "refusal": "No." }, {
    "content": "No.",
  }],
  ["a refusal to OpenAI", { vendor: "openai" }, { "content": "", "refusal": "No." }, {
    "content": null,
    "refusal": "No.",
  }],
  [
    "calls to Kimi that reasons no more",
    { vendor: "moonshot", reasoningHistory: false },
    { "content": "", "tool_calls": [call()] },
    { "content": null, "tool_calls": [call()] },
  ],
];

for (const [name, compat, fields, sent] of EMPTY_TEXTS) {
  Deno.test(`encodeRequest() sends ${name} beside empty text`, () => {
    const provider = providerOf("https://models.corp.example/v1", { compat });
    const messages = [USER, { "role": "assistant", ...fields }];
    const { body } = encodeCall(callOf({ messages }, { provider, model: modelOf("m") }));
    assert.deepEqual(Object(body["messages"])[1], { "role": "assistant", ...sent });
  });
}
