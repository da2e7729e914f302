import assert from "node:assert/strict";
import { explainAsk } from "../../src/core/ask_explanation.ts";

Deno.test("explainAsk() finds the words that make an ask hard", () => {
  const [first] = explainAsk("Write a sonnet about our office printer", 3);
  assert.match(first?.text ?? "", /sonnet/);
  assert.ok((first?.weight ?? 0) > 0);
});

Deno.test("explainAsk() gives the heaviest first, and no more than asked for", () => {
  const weights = explainAsk("Implement a lock-free queue and explain the ABA problem", 4)
    .map(({ weight }) => Math.abs(weight));
  assert.equal(weights.length, 4);
  assert.deepEqual(weights, weights.toSorted((a, b) => b - a));
});

Deno.test("explainAsk() parts languages that write no spaces", () => {
  assert.ok(explainAsk("请证明这个定理", 10).some(({ text }) => text === "证明"));
});

Deno.test("explainAsk() has nothing to say of an empty ask", () => {
  assert.deepEqual(explainAsk("", 5), []);
  assert.deepEqual(explainAsk(" ?!", 5), []);
});
