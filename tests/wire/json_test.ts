import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonValue } from "../../src/core/json.ts";
import { findLoneSurrogate, parseJson } from "../../src/wire/json.ts";

const LIMITS = { maxDepth: 64 };

Deno.test("parseJson() gives what JSON.parse() gives", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), (text) => {
      assert.deepEqual(parseJson(text, LIMITS), { ok: true, value: JSON.parse(text) });
    }),
    { seed: 3, numRuns: 300 },
  );
});

Deno.test("parseJson() never throws", () => {
  fc.assert(
    fc.property(fc.string(), (text) => typeof parseJson(text, LIMITS).ok === "boolean"),
    { seed: 4, numRuns: 300 },
  );
});

function reasonOf(text: string): string {
  const result = parseJson(text, { ...LIMITS, refuseLoneSurrogates: true });
  assert.equal(result.ok, false);
  return result.ok ? "" : result.reason;
}

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ["nothing", "", /^is empty$/],
  ["white space", " \n", /^is empty$/],
  ["text", "secret words", /^is not valid JSON/],
  ["HTML", "<html>", /^is not valid JSON/],
  ["a cut document", '{"a":', /^is not valid JSON \(it ends too early\)$/],
  ["a cut string", '{"a":"b', /^is not valid JSON/],
  ["a missing comma", '{"a":1\n "b":2}', /^is not valid JSON \(line 2, column 2\)$/],
  ["a million open brackets", "[".repeat(1_000_000), /^is nested more than 64 deep$/],
  ["a million open objects", '{"a":'.repeat(1_000_000), /^is nested more than 64 deep$/],
  [
    "a million closed brackets",
    "[".repeat(1e6) + "]".repeat(1e6),
    /^is nested more than 64 deep$/,
  ],
  ["a lone surrogate", '{"a":["\\ud83d"]}', /^has half of a surrogate pair in a string$/],
  ["a lone surrogate in a key", '{"\\uDE00":1}', /^has half of a surrogate pair in a string$/],
];

for (const [name, text, reason] of REFUSED) {
  Deno.test(`parseJson() refuses ${name}`, () => assert.match(reasonOf(text), reason));
}

Deno.test("parseJson() quotes nothing of the document", () => {
  assert.doesNotMatch(reasonOf('{"key": secret}'), /secret/);
  assert.doesNotMatch(reasonOf("sk-secret"), /secret/);
});

Deno.test("parseJson() counts no bracket inside a string", () => {
  const text = JSON.stringify(["[{".repeat(1_000), '\\"[[', "\\\\"]);
  assert.equal(parseJson(text, { maxDepth: 1 }).ok, true);
});

Deno.test("parseJson() accepts exactly maxDepth levels", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assert.equal(parseJson(nested(64), LIMITS).ok, true);
  assert.equal(parseJson(nested(65), LIMITS).ok, false);
});

Deno.test("parseJson() keeps __proto__ as a plain key", () => {
  const result = parseJson('{"__proto__":{"polluted":true}}', LIMITS);
  assert.equal(result.ok && Object.hasOwn(Object(result.value), "__proto__"), true);
  assert.equal(Reflect.get({}, "polluted"), undefined);
});

Deno.test("parseJson() names the path of a lone surrogate", () => {
  const result = parseJson('{"messages":[{},{"content":"\\ud800"}]}', {
    maxDepth: 9,
    refuseLoneSurrogates: true,
  });
  assert.equal(!result.ok && result.path, "messages[1].content");
});

Deno.test("parseJson() accepts escaped pairs", () => {
  const result = parseJson('"\\ud83d\\ude00"', { maxDepth: 9, refuseLoneSurrogates: true });
  assert.deepEqual(result, { ok: true, value: "😀" });
});

const SURROGATES: readonly (readonly [JsonValue, string | null])[] = [
  ["ok", null],
  ["\ud800", ""],
  [[1, ["\udc00"]], "[1][0]"],
  [{ a: { b: "x\ud800" } }, ".a.b"],
  [{ a: null, b: 1, c: true }, null],
];

Deno.test("findLoneSurrogate() finds the first", () => {
  for (const [value, path] of SURROGATES) assert.equal(findLoneSurrogate(value), path);
});
