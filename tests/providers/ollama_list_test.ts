import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import type { ServedModel } from "../../src/providers/adapter.ts";
import { modelList } from "../../src/providers/ollama_list.ts";
import { Secret } from "../../src/redact.ts";
import { PROVIDER } from "../support/ollama_case.ts";

Deno.test("the questions for models go below the provider's root, with its key", () => {
  const provider = { ...PROVIDER, apiKey: new Secret("sk-home") };
  const authorization = "Bearer sk-home";
  assert.deepEqual(modelList.encodeList(PROVIDER), {
    url: "http://127.0.0.1:11434/api/tags",
    headers: {},
  });
  assert.deepEqual(modelList.encodeList(provider).headers, { authorization });
  assert.deepEqual(modelList.encodeShow(provider, "qwen3:8b"), {
    url: "http://127.0.0.1:11434/api/show",
    headers: { authorization, "content-type": "application/json" },
    body: '{"model":"qwen3:8b"}',
  });
});

const LISTS: readonly (readonly [string, JsonValue, unknown])[] = [
  ["models", { "models": [{ "name": "a", "model": "a:latest", "digest": "1" }, { "name": "b" }] }, [
    { name: "a:latest", version: "1" },
    { name: "b", version: "" },
  ]],
  ["no model", { "models": [] }, []],
  ["entries without a name", { "models": [{}, null, 5] }, []],
  ["something else", { "error": "no" }, null],
  ["nothing", null, null],
];

for (const [name, body, list] of LISTS) {
  Deno.test(`a list of ${name} is read as it stands`, () => {
    assert.deepEqual(modelList.readList(body), list);
  });
}

const UNKNOWN: ServedModel = {
  name: "m",
  contextWindow: null,
  supportsTools: false,
  supportsVision: false,
  isEmbedding: false,
  parameterCount: null,
  isHosted: false,
};

interface ShownCase {
  readonly name: string;
  readonly body: JsonObject;
  readonly baseUrl?: string;
  readonly model: Partial<ServedModel>;
}

const SHOWN: readonly ShownCase[] = [
  {
    name: "a model with tools and eyes",
    body: {
      "capabilities": ["completion", "tools", "vision", "thinking"],
      "details": { "parameter_size": "8.2B" },
      "model_info": {
        "general.architecture": "qwen3",
        "general.parameter_count": 8_190_735_360,
        "qwen3.context_length": 40_960,
      },
    },
    model: {
      contextWindow: 40_960,
      supportsTools: true,
      supportsVision: true,
      parameterCount: 8_190_735_360,
    },
  },
  {
    name: "a model that embeds",
    body: {
      "capabilities": ["embedding"],
      "details": { "parameter_size": "137M" },
      "model_info": { "general.architecture": "nomic-bert", "nomic-bert.context_length": 2048 },
    },
    model: { isEmbedding: true, contextWindow: 2048, parameterCount: 137e6 },
  },
  {
    name: "a model that embeds, of an old server",
    body: { "model_info": { "general.architecture": "bert" } },
    model: { isEmbedding: true },
  },
  {
    name: "a model that embeds and chats",
    body: { "capabilities": ["embedding", "completion"] },
    model: {},
  },
  {
    name: "a window of another architecture",
    body: { "model_info": { "general.architecture": "a", "b.context_length": 5 } },
    model: {},
  },
  {
    name: "a model of the cloud",
    body: { "remote_host": "https://ollama.com:443", "capabilities": ["completion"] },
    model: { isHosted: true },
  },
  {
    name: "a model at the cloud itself",
    body: {},
    baseUrl: "https://ollama.com/api",
    model: { isHosted: true },
  },
  { name: "a size in no words", body: { "details": { "parameter_size": "huge" } }, model: {} },
  { name: "nothing", body: {}, model: {} },
];

for (const { name, body, baseUrl = PROVIDER.baseUrl, model } of SHOWN) {
  Deno.test(`what a server shows of ${name} is read`, () => {
    const provider = { ...PROVIDER, baseUrl };
    const shown = modelList.readShown(body, { name: "m", provider });
    assert.deepEqual(shown, { ...UNKNOWN, ...model });
  });
}

Deno.test("names mean the same model with and without the tag latest", () => {
  const { keyOf } = modelList;
  assert.equal(keyOf("llama3.2"), keyOf("llama3.2:latest"));
  assert.equal(keyOf("Qwen3:8b"), keyOf("qwen3:8B"));
  assert.notEqual(keyOf("llama3.2:1b"), keyOf("llama3.2"));
  assert.match(modelList.adviseMissing("llama3.2"), /ollama pull llama3\.2$/);
});
