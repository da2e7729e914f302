import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import {
  AutomaticPromptCache,
  LLAMA_RULES,
  MarkedPromptCache,
  OPENAI_RULES,
} from "./prompt_cache.ts";

const MARK = { "cache_control": { "type": "ephemeral" } };
const LONG = "a long prompt ".repeat(2000);

function text(value: string, mark: JsonObject = {}): JsonObject {
  return { "type": "text", "text": value, ...mark };
}

function bodyOf(blocks: readonly JsonObject[], fields: JsonObject = {}): JsonObject {
  return { "messages": [{ "role": "user", "content": blocks }], ...fields };
}

function readTwice(first: JsonObject, second: JsonObject): number {
  const cache = new MarkedPromptCache();
  cache.read(first);
  return cache.read(second).cached;
}

Deno.test("a marked prefix is found again, its mark moved or gone", () => {
  const first = bodyOf([text(LONG, MARK)]);
  assert.ok(readTwice(first, bodyOf([text(LONG), text("more", MARK)])) > 4096);
  assert.ok(readTwice(first, first) > 4096);
  assert.equal(readTwice(first, bodyOf([text(LONG), text("more")])), 0);
});

Deno.test("a prefix that no mark ends is not kept", () => {
  assert.equal(readTwice(bodyOf([text(LONG)]), bodyOf([text(LONG, MARK)])), 0);
});

Deno.test("a short prefix is not kept", () => {
  assert.equal(readTwice(bodyOf([text("a", MARK)]), bodyOf([text("a", MARK)])), 0);
});

Deno.test("a mark is looked back from over twenty blocks, not more", () => {
  const first = bodyOf([text(LONG, MARK)]);
  const after = (count: number) => Array.from({ length: count }, (_, at) => text(`block ${at}`));
  const second = (count: number) => bodyOf([text(LONG), ...after(count), text("end", MARK)]);
  assert.ok(readTwice(first, second(18)) > 4096);
  assert.equal(readTwice(first, second(19)), 0);
});

Deno.test("what changes before a mark, or how the model thinks, makes it another prefix", () => {
  const first = bodyOf([text(LONG, MARK)]);
  assert.equal(readTwice(first, bodyOf([text(`${LONG}!`, MARK)])), 0);
  assert.equal(readTwice(first, { ...first, "system": [text("s")] }), 0);
  assert.equal(readTwice(first, { ...first, "thinking": { "type": "adaptive" } }), 0);
});

Deno.test("an automatic cache knows the longest common prefix in steps", () => {
  const openai = new AutomaticPromptCache(OPENAI_RULES);
  const llama = new AutomaticPromptCache(LLAMA_RULES);
  const [first, second] = [`${LONG}one`, `${LONG}two`].map((value) => bodyOf([text(value)]));
  for (const cache of [openai, llama]) assert.equal(cache.read(first ?? {}).cached, 0);
  const steps = openai.read(second ?? {}).cached;
  assert.ok(steps > 6000 && steps % 128 === 0);
  assert.ok(llama.read(second ?? {}).cached >= steps);
  assert.equal(openai.read(bodyOf([text("short")])).cached, 0);
});
