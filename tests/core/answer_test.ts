import assert from "node:assert/strict";
import { chunksOfAnswer } from "../../src/core/answer.ts";
import type { ChatAnswer } from "../../src/core/chat.ts";

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
