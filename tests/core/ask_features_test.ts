import assert from "node:assert/strict";
import { featuresOfAsk } from "../../src/core/ask_features.ts";
import { THEMES } from "../../src/core/ask_lexicon.ts";
import { SIGN_NAMES, type SignName } from "../../src/core/ask_signs.ts";
import { clipAsk, foldAsk } from "../../src/core/folded_ask.ts";
import { buildLookup, themesOf } from "../../src/core/ask_themes.ts";

function signOf(ask: string, name: SignName): number {
  return featuresOfAsk(ask).dense[SIGN_NAMES.indexOf(name)] ?? NaN;
}

function themeNames(ask: string): readonly string[] {
  const found = themesOf(foldAsk(ask));
  return THEMES.map(({ name }) => name).filter((_, theme) => found[theme] === 1);
}

Deno.test("featuresOfAsk() gives distinct buckets, the same every time", () => {
  const ask = "Fix the bug in the bug tracker: 修复错误。";
  const { buckets } = featuresOfAsk(ask);
  assert.equal(new Set(buckets).size, buckets.length);
  assert.deepEqual(featuresOfAsk(ask), featuresOfAsk(ask));
});

Deno.test("featuresOfAsk() tells no case, no digits and no widths of white space apart", () => {
  const { buckets } = featuresOfAsk("Add 12 and 34");
  assert.deepEqual(featuresOfAsk("add  56\n and 78").buckets, buckets);
});

Deno.test("featuresOfAsk() reads the head and the tail of a huge ask, and nothing between", () => {
  const [head, middle, tail] = ["a b ".repeat(2_000), "x ".repeat(80_000), "y z ".repeat(2_000)];
  const { buckets } = featuresOfAsk(head + middle + tail);
  assert.ok(clipAsk(head + middle + tail).length < 5_000);
  assert.deepEqual(featuresOfAsk(head + middle.replaceAll("x", "q") + tail).buckets, buckets);
  assert.notDeepEqual(featuresOfAsk(head + middle + head).buckets, buckets);
});

Deno.test("featuresOfAsk() takes any UTF-16 text", () => {
  for (const ask of ["", " ", "\ud800", "İİİ", "a\u0000b", "😀", "ßẞ"]) {
    assert.ok(featuresOfAsk(ask).dense.every(Number.isFinite));
  }
});

const SIGN_CASES: readonly (readonly [string, SignName, number])[] = [
  ["one two three", "words", 3],
  ["2 apples and 30.5 pears", "numbers", 3],
  ["Is it? Yes. No! v1.2", "sentences", 3],
  ["他是谁？我不知道。", "sentences", 2],
  ["why? 为什么？", "questions", 2],
  ["list:\n- a\n- b\n2. c\n-d", "bullets", 4],
  ["f(a, b) and g(c)", "parentheses", 2],
  ["$x^2$", "formulaMarks", 3],
];

for (const [ask, name, count] of SIGN_CASES) {
  Deno.test(`featuresOfAsk() counts ${count} ${name} in ${JSON.stringify(ask)}`, () => {
    assert.equal(Math.round(Math.expm1(signOf(ask, name))), count);
  });
}

const THEME_CASES: readonly (readonly [string, readonly string[]])[] = [
  ["Prove it.", ["proof"]],
  ["Beweise das!", ["proof"]],
  ["证明", ["proof"]],
  ["a race condition", ["concurrency"]],
  ["undefined behaviour", ["machine", "error"]],
  ["undefinable behaviour", []],
  ["17 words", ["exactly"]],
  ["a 350-word note", ["exactly"]],
  ["17 swords", []],
  ["Improved grace", []],
  ["반드시 증명해", ["proof"]],
  ["Summarise the minutes", ["rewrite"]],
];

for (const [ask, expected] of THEME_CASES) {
  Deno.test(`themesOf() finds ${expected.join(", ") || "nothing"} in "${ask}"`, () => {
    assert.deepEqual(themeNames(ask), expected);
  });
}

/** Texts that an entry of the lexicon stands for. */
function textsOf(entry: string): readonly string[] {
  const text = entry.replaceAll("_", " ");
  const [whole, longer] = [text.replace("*", ""), text.replace("*", "xyz")];
  const texts = [whole, longer].map((one) => `so ${one}, please`);
  return texts.flatMap((one) => ["7", "17", "350"].map((number) => one.replaceAll("0", number)));
}

Deno.test("every entry of the lexicon finds what it stands for, without the others' help", () => {
  for (const { name, says, words } of THEMES) {
    for (const entry of words.trim().split(/\s+/)) {
      const lookup = buildLookup([{ name, says, words: entry }]);
      for (const text of textsOf(entry)) {
        assert.deepEqual([...themesOf(foldAsk(text), lookup)], [1], `${name}: ${entry} in ${text}`);
      }
    }
  }
});

Deno.test("no entry of the lexicon is there twice, or covered by a stem of its theme", () => {
  for (const { name, words } of THEMES) {
    const entries = words.trim().split(/\s+/);
    const stems = entries.filter((entry) => entry.endsWith("*")).map((entry) => entry.slice(0, -1));
    for (const [index, entry] of entries.entries()) {
      assert.equal(entries.indexOf(entry), index, `${name}: ${entry}`);
      const stem = stems.find((one) => entry.startsWith(one) && entry !== `${one}*`);
      assert.equal(stem, undefined, `${name}: ${entry}`);
    }
  }
});
