import assert from "node:assert/strict";
import { adviseOnPath } from "../../src/core/path_advice.ts";

const ENDPOINTS = ["POST /v1/chat/completions", "GET /v1/models"];

const CASES: readonly (readonly [string, RegExp])[] = [
  ["/v1/responses", /Responses API .* set the client to chat completions/],
  ["/v1/responses/resp_1", /Responses API/],
  ["/responses", /Responses API/],
  ["/v1/messages", /Anthropic's API .* OpenAI-compatible/],
  ["/api/chat", /Ollama's own API/],
  ["/v1/audio/speech", /This part of OpenAI's API/],
  ["/chat/completions", /Did you mean \/v1\/chat\/completions\? .* must end with \/v1/],
  ["/v1/v1/models", /Did you mean \/v1\/models\?/],
  ["/v1/models/", /Did you mean \/v1\/models\?/],
  ["/v1/responsesx", /^$/],
  ["/v1", /^$/],
  ["/constructor", /^$/],
];

for (const [path, advice] of CASES) {
  Deno.test(`adviseOnPath() for ${path} is ${advice}`, () => {
    assert.match(adviseOnPath(path, ENDPOINTS), advice);
  });
}
