import assert from "node:assert/strict";
import { estimateInputTokens, extractFeatures } from "../../src/core/features.ts";
import { buildFeatures, buildRequest } from "../support/models.ts";

const IMAGE = { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } };
const TOOL = {
  "type": "function",
  "function": {
    "name": "read_file",
    "description": "Reads a file of the project and returns its text",
    "parameters": { "type": "object", "properties": { "path": { "type": "string" } } },
  },
};
const CALL = {
  "role": "assistant",
  "content": null,
  "tool_calls": [{
    "id": "a",
    "type": "function",
    "function": { "name": "read_file", "arguments": '{"path":"a.ts"}' },
  }],
};

Deno.test("extractFeatures() takes the newest user message as the ask", () => {
  const request = buildRequest("", {
    "messages": [
      { "role": "system", "content": "Be brief." },
      { "role": "user", "content": "first" },
      { "role": "assistant", "content": "ok" },
      { "role": "user", "content": [{ "type": "text", "text": "second" }, IMAGE] },
      CALL,
      { "role": "tool", "tool_call_id": "a", "content": "text of the file" },
    ],
  });
  const features = buildFeatures(request);
  assert.equal(features.askText, "second");
  assert.equal(features.systemText, "Be brief.");
  assert.equal(features.hasImages, true);
  assert.equal(features.hasTools, true, "a history with calls needs a model with tools");
});

Deno.test("extractFeatures() joins system and developer messages", () => {
  const request = buildRequest("", {
    "messages": [
      { "role": "system", "content": "a" },
      { "role": "developer", "content": "b" },
      { "role": "user", "content": "c" },
    ],
  });
  assert.equal(buildFeatures(request).systemText, "a\nb");
});

Deno.test("extractFeatures() sees no tools in an empty list of tools", () => {
  assert.equal(buildFeatures(buildRequest("hi", { "tools": [] })).hasTools, false);
  assert.equal(buildFeatures(buildRequest("hi", { "tools": [TOOL] })).hasTools, true);
});

Deno.test("extractFeatures() prefers max_completion_tokens to max_tokens", () => {
  const both = buildRequest("hi", { "max_tokens": 5, "max_completion_tokens": 7 });
  assert.equal(buildFeatures(both).requestedOutputTokens, 7);
  assert.equal(buildFeatures(buildRequest("hi", { "max_tokens": 5 })).requestedOutputTokens, 5);
  assert.equal(buildFeatures(buildRequest("hi")).requestedOutputTokens, null);
});

Deno.test("extractFeatures() takes a known difficulty hint and passes over an unknown one", () => {
  const request = buildRequest("Say hi");
  const hinted = extractFeatures(request, new Map([["x-pirouter-difficulty", " HARD "]]));
  assert.equal(hinted.difficulty.tier, "hard");
  const unknown = extractFeatures(request, new Map([["x-pirouter-difficulty", "extreme"]]));
  assert.equal(unknown.difficulty.tier, "easy");
});

Deno.test("estimateInputTokens() counts tools, images, calls and the response format", () => {
  const base = estimateInputTokens(buildRequest("hello"));
  const additions = {
    tools: buildRequest("hello", { "tools": [TOOL] }),
    format: buildRequest("hello", {
      "response_format": { "type": "json_schema", "json_schema": TOOL },
    }),
    image: buildRequest("", {
      "messages": [{ "role": "user", "content": [{ "type": "text", "text": "hello" }, IMAGE] }],
    }),
    calls: buildRequest("", { "messages": [{ "role": "user", "content": "hello" }, CALL] }),
  };
  for (const [what, request] of Object.entries(additions)) {
    assert.ok(estimateInputTokens(request) > base + 5, `${what} must count`);
  }
  assert.ok(
    estimateInputTokens(additions.image) > base + 1_000,
    "an image costs far more than text",
  );
});

Deno.test("extractFeatures() reads calls of custom tools", () => {
  const call = { "id": "c", "type": "custom", "custom": { "name": "sh", "input": "ls -l" } };
  const request = buildRequest("", {
    "messages": [
      { "role": "user", "content": "list" },
      { "role": "assistant", "content": null, "tool_calls": [call] },
      { "role": "tool", "tool_call_id": "c", "content": "a.ts" },
    ],
  });
  assert.equal(buildFeatures(request).hasTools, true);
});

Deno.test("extractFeatures() says so when it does not know the difficulty that a client names", () => {
  const { difficulty } = buildFeatures(buildRequest("Say hi"), {
    "x-pirouter-difficulty": "extreme",
  });
  assert.match(difficulty.reasons.join(), /x-pirouter-difficulty says nothing known/);
});
