import assert from "node:assert/strict";
import { chunksOfAnswer, completeAnswer, completeChunk } from "../../src/core/answer.ts";
import type { ChatAnswer, ChatChunk } from "../../src/core/chat.ts";

const ANSWER: ChatAnswer = {
  "id": "a",
  "object": "chat.completion",
  "created": 5,
  "model": "m",
  "system_fingerprint": "fp",
  "choices": [{
    "index": 0,
    "message": {
      "role": "assistant",
      "content": "Hi",
      "reasoning_content": "hm",
      "tool_calls": [{
        "id": "c1",
        "type": "function",
        "function": { "name": "f", "arguments": "{}" },
      }],
    },
    "finish_reason": "tool_calls",
  }],
  "usage": { "prompt_tokens": 1, "completion_tokens": 2 },
};

Deno.test("chunksOfAnswer() streams all of an answer: text, calls, finish, usage", () => {
  const [delta, finish, usage, ...rest] = chunksOfAnswer(ANSWER);
  assert.deepEqual(rest, []);
  assert.equal(delta?.object, "chat.completion.chunk");
  assert.equal(delta?.["system_fingerprint"], "fp");
  assert.equal(delta?.choices[0]?.delta.content, "Hi");
  assert.equal(delta?.choices[0]?.delta["reasoning_content"], "hm");
  assert.equal(delta?.choices[0]?.delta["tool_calls"]?.[0]?.index, 0);
  assert.equal(delta?.choices[0]?.delta["tool_calls"]?.[0]?.id, "c1");
  assert.equal(finish?.choices[0]?.["finish_reason"], "tool_calls");
  assert.deepEqual(usage?.choices, []);
  assert.equal(usage?.usage?.["completion_tokens"], 2);
});

Deno.test("chunksOfAnswer() gives no usage chunk where there is no usage", () => {
  const { usage: _, ...answer } = ANSWER;
  assert.equal(chunksOfAnswer(answer as ChatAnswer).length, 2);
});

Deno.test("completeAnswer() fills in what OpenAI always has, and keeps the rest", () => {
  const whole = completeAnswer(ANSWER);
  const [choice] = whole.choices;
  assert.equal(choice?.["logprobs"], null);
  assert.equal(choice?.message["refusal"], null);
  assert.equal(choice?.message["reasoning_content"], "hm");
  assert.equal(whole["system_fingerprint"], "fp");
  assert.deepEqual(whole.usage, ANSWER.usage);
});

Deno.test("completeAnswer() keeps a refusal and log probabilities", () => {
  const [choice] = ANSWER.choices;
  assert.ok(choice);
  const logprobs = { "content": [], "refusal": null };
  const message = { ...choice.message, "refusal": "No." };
  const refused = { ...ANSWER, "choices": [{ ...choice, message, logprobs }] };
  assert.deepEqual(completeAnswer(refused), refused);
});

const CHUNK: ChatChunk = {
  "id": "a",
  "object": "chat.completion.chunk",
  "created": 5,
  "model": "m",
  "service_tier": "flex",
  "choices": [{ "index": 0, "delta": { "content": "Hi" }, "finish_reason": null }],
};

Deno.test("completeChunk() gives back a chunk that is right, log probabilities included", () => {
  assert.equal(completeChunk(CHUNK), CHUNK);
  const logprobs = { "content": [], "refusal": null };
  const choices = CHUNK.choices.map((choice) => ({ ...choice, logprobs }));
  const detailed = { ...CHUNK, choices };
  assert.equal(completeChunk(detailed), detailed);
});

/** [field of a chunk, its value, what becomes of it] */
const HEAD_FIELDS = [
  ["system_fingerprint", null, undefined],
  ["system_fingerprint", "fp", "fp"],
  ["service_tier", "on_demand", undefined],
  ["service_tier", null, null],
  ["x_groq", { "id": "req" }, { "id": "req" }],
] as const;

for (const [name, value, expected] of HEAD_FIELDS) {
  const what = expected === undefined ? "leaves out" : "keeps";
  Deno.test(`completeChunk() ${what} ${name} ${JSON.stringify(value)}`, () => {
    assert.deepEqual(completeChunk({ ...CHUNK, [name]: value })[name], expected);
  });
}

Deno.test("completeChunk() leaves nulls out of deltas, and gives log probabilities both lists", () => {
  const delta = { "content": "Hi", "function_call": null };
  const choices = [{ "index": 0, delta, "logprobs": { "content": [] }, "finish_reason": null }];
  assert.deepEqual(JSON.parse(JSON.stringify(completeChunk({ ...CHUNK, choices }).choices)), [{
    "index": 0,
    "delta": { "content": "Hi" },
    "logprobs": { "content": [], "refusal": null },
    "finish_reason": null,
  }]);
});
