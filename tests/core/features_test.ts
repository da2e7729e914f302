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

Deno.test("extractFeatures() keeps askText as it came and judges the ask without its wrapping", () => {
  const wrapped = "<task>\nSay hi\n</task>\n<environment_details>\nprove, debug, refactor\n" +
    "</environment_details>";
  const features = buildFeatures(buildRequest(wrapped));
  assert.equal(features.askText, wrapped);
  assert.equal(features.ask.text, "Say hi");
  assert.equal(features.difficulty.score, buildFeatures(buildRequest("Say hi")).difficulty.score);
  assert.ok(features.difficulty.reasons.includes("the client's wrapping is left out"));
});

Deno.test("extractFeatures() finds housekeeping easy, in the order of its scores", () => {
  const system = { "role": "system", "content": "You are a title generator. You output a title." };
  const titled = (content: string) =>
    buildFeatures(buildRequest("", {
      "messages": [system, { "role": "user", "content": content }],
    })).difficulty;
  const hard = titled(
    "Prove that the distributed algorithm is correct and debug the race condition.",
  );
  const easy = titled("Say hi to everybody who comes to the party");
  assert.equal(hard.tier, "easy");
  assert.ok(hard.score <= 0.05 && hard.score > easy.score);
  assert.deepEqual(hard.reasons, ["is a housekeeping prompt: a chat title"]);
});

Deno.test("extractFeatures() lifts the difficulty of a conversation in trouble", () => {
  const ask = { "role": "user", "content": "Rename a to b" };
  const failed = { "role": "tool", "tool_call_id": "a", "content": "Exit code 1\nerror: no" };
  const judge = (...messages: readonly unknown[]) =>
    buildFeatures(buildRequest("", { "messages": messages })).difficulty;
  const before = judge(ask);
  const after = judge(ask, CALL, failed, CALL, failed, CALL, failed);
  assert.ok(after.score > before.score + 0.3 * (1 - before.score));
  assert.ok(after.reasons.includes("3 tool results failed since the ask"));
});

Deno.test("extractFeatures() finds a correction as hard as what it corrects", () => {
  const ask = "Design a distributed scheduler, compare the trade-offs and prove that it is fair.";
  const messages = [
    { "role": "user", "content": ask },
    { "role": "assistant", "content": "Done." },
    { "role": "user", "content": "no, I meant for GPUs" },
  ];
  const { difficulty, ask: { isCorrection } } = buildFeatures(buildRequest("", { messages }));
  assert.ok(difficulty.score > buildFeatures(buildRequest(ask)).difficulty.score);
  assert.equal(isCorrection, true);
  assert.ok(difficulty.reasons.includes("the newest message is about an earlier ask"));
});

Deno.test("extractFeatures() obeys a hint whatever the conversation says", () => {
  const request = buildRequest("Write a commit message for this diff");
  assert.equal(buildFeatures(request, { "x-pirouter-difficulty": "hard" }).difficulty.tier, "hard");
});
