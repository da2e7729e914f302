import assert from "node:assert/strict";
import { answerLimitMs, keepAliveMsFor, readClientLimit } from "../../src/core/client_limit.ts";

const CASES: readonly (readonly [Readonly<Record<string, string>>, number | null])[] = [
  [{}, null],
  [{ "x-stainless-timeout": "600" }, 600_000],
  [{ "x-stainless-read-timeout": "0.5" }, 500],
  [{ "x-stainless-timeout": "20", "x-stainless-read-timeout": "5" }, 20_000],
  [{ "x-stainless-timeout": "NOT_GIVEN", "x-stainless-read-timeout": "5" }, 5_000],
  [{ "x-stainless-timeout": "0" }, null],
  [{ "x-stainless-timeout": "-3" }, null],
  [{ "x-stainless-timeout": "Infinity" }, null],
  [{ "x-stainless-timeout": "1e3" }, null],
  [{ "x-stainless-timeout": "9999999" }, 86_400_000],
];

for (const [headers, expected] of CASES) {
  Deno.test(`readClientLimit() of ${JSON.stringify(headers)} is ${expected}`, () => {
    assert.equal(readClientLimit(new Map(Object.entries(headers)))?.limitMs ?? null, expected);
  });
}

Deno.test("answerLimitMs() leaves the client a second at most, a twentieth at least", () => {
  const header = "x-stainless-timeout";
  assert.equal(answerLimitMs({ limitMs: 600_000, header }), 599_000);
  assert.equal(answerLimitMs({ limitMs: 10_000, header }), 9_500);
});

Deno.test("keepAliveMsFor() shows a sign of life before the client gives up", () => {
  const limit = { limitMs: 10_000, header: "x-stainless-timeout" };
  assert.equal(keepAliveMsFor(limit, 15_000), 5_000);
  assert.equal(keepAliveMsFor(limit, 1_000), 1_000);
  assert.equal(keepAliveMsFor(null, 15_000), 15_000);
  assert.equal(keepAliveMsFor({ ...limit, limitMs: 0.001 }, 15_000), 100, "no flood");
});
