import assert from "node:assert/strict";
import { endpointRoot, type ProviderKind } from "../../src/core/provider.ts";

const CASES: readonly (readonly [ProviderKind, string, string])[] = [
  ["openai", "https://api.openai.com", "https://api.openai.com/v1"],
  ["openai", "https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1"],
  ["openai", "http://127.0.0.1:1234/", "http://127.0.0.1:1234/v1"],
  ["anthropic", "https://api.anthropic.com", "https://api.anthropic.com/v1"],
  ["ollama", "http://127.0.0.1:11434", "http://127.0.0.1:11434/api"],
  ["ollama", "http://host/ollama/api/", "http://host/ollama/api"],
];

for (const [kind, baseUrl, expected] of CASES) {
  Deno.test(`endpointRoot() of ${kind} at ${baseUrl} is ${expected}`, () => {
    assert.equal(endpointRoot({ kind, baseUrl }), expected);
  });
}
