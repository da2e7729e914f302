import assert from "node:assert/strict";
import type { ChatChunk } from "../../src/core/chat.ts";
import { Heard } from "../../src/engine/heard.ts";

function chunk(index: number, content: string): ChatChunk {
  return {
    "id": "c",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "m",
    "choices": [{ "index": index, "delta": { "content": content }, "finish_reason": null }],
  };
}

Deno.test("Heard adds up the first choice alone, as clients bring no other back", () => {
  const heard = new Heard();
  for (const piece of [chunk(0, "a"), chunk(1, "x"), chunk(0, "b")]) heard.add(piece);
  assert.equal(heard.message.content, "ab");
});
