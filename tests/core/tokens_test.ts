import assert from "node:assert/strict";
import { estimateTokenCount } from "tokenx";
import { estimateTokens } from "../../src/core/tokens.ts";

const PROSE = "Routers send each request to the cheapest model that is likely to handle it well. ";
const CODE = "export function add(a: number, b: number): number { return a + b; }\n";
const JSON_TEXT = '{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]},';

Deno.test("estimateTokens() estimates a short text whole", () => {
  for (const text of ["", "hello", PROSE.repeat(50)]) {
    assert.equal(estimateTokens(text), estimateTokenCount(text));
  }
});

Deno.test("estimateTokens() judges a long text by samples within a tenth of the whole", () => {
  const mixed = PROSE.repeat(300) + CODE.repeat(300) + JSON_TEXT.repeat(300) +
    "日本語の文章です。".repeat(900);
  for (const text of [PROSE.repeat(2_000), CODE.repeat(2_000), JSON_TEXT.repeat(2_000), mixed]) {
    const ratio = estimateTokens(text) / estimateTokenCount(text);
    assert.ok(ratio > 0.9 && ratio < 1.1, `ratio ${ratio}`);
  }
});

Deno.test("estimateTokens() reads a bounded part of a huge text", () => {
  const megabytes = CODE.repeat(300_000);
  const startedAt = performance.now();
  estimateTokens(megabytes);
  assert.ok(performance.now() - startedAt < 1_000);
});
