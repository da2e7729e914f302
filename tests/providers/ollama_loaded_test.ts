import assert from "node:assert/strict";
import type { JsonValue } from "../../src/core/json.ts";
import type { Provider } from "../../src/core/provider.ts";
import { loadedModels } from "../../src/providers/ollama_loaded.ts";
import { Secret } from "../../src/redact.ts";
import { buildModel } from "../support/models.ts";

const PROVIDER: Provider = {
  id: "home",
  kind: "ollama",
  baseUrl: "http://127.0.0.1:11434",
  apiKey: null,
  connectTimeoutMs: 1_000,
  requestTimeoutMs: 1_000,
  firstTokenTimeoutMs: 1_000,
  isFirstTokenFixed: false,
  idleTimeoutMs: 1_000,
  maxConcurrency: null,
  promptCache: false,
  keepAlive: null,
  discover: false,
  compat: {},
};

Deno.test("the question which models are loaded goes below the provider's root, with its key", () => {
  const url = "http://127.0.0.1:11434/api/ps";
  assert.deepEqual(loadedModels.encodeRequest(PROVIDER), { url, headers: {} });
  const apiKey = new Secret("sk-home");
  assert.deepEqual(loadedModels.encodeRequest({ ...PROVIDER, apiKey }), {
    url,
    headers: { "authorization": "Bearer sk-home" },
  });
});

const REPLIES: readonly (readonly [string, JsonValue, boolean])[] = [
  ["the model and its name", { "models": [{ "name": "m:latest", "model": "m:latest" }] }, true],
  ["the name alone", { "models": [{ "name": "m" }] }, true],
  ["the model alone", { "models": [{ "model": "m" }] }, true],
  ["another tag", { "models": [{ "name": "m:1b" }] }, false],
  ["nothing that is loaded", { "models": [] }, false],
  ["an entry without a name", { "models": [{}] }, false],
  ["nothing that is known", null, false],
];

for (const [what, body, expected] of REPLIES) {
  Deno.test(`a reply with ${what} says that the model ${expected ? "is" : "is not"} loaded`, () => {
    const model = buildModel({ alias: "home", modelId: "m" });
    assert.equal(loadedModels.hasModel(body, model), expected);
  });
}
