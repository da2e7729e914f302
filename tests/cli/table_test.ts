import assert from "node:assert/strict";
import { formatMs, formatTable, formatTokens, formatUsd } from "../../src/cli/table.ts";

Deno.test("formatTable() aligns columns, numbers to the right, without trailing spaces", () => {
  const text = formatTable([["small", "7", "yes"], ["a-longer-name", "1,200", ""]], {
    header: ["model", "requests", "local"],
    alignRight: [1],
    hasColor: false,
  });
  assert.equal(
    text,
    [
      "model          requests  local",
      "small                 7  yes",
      "a-longer-name     1,200",
      "",
    ].join("\n"),
  );
});

Deno.test("formatTable() makes the header bold on a terminal with colours, and nothing else", () => {
  const text = formatTable([["x"]], { header: ["model"], hasColor: true });
  assert.equal(text, "\u001b[1mmodel\u001b[0m\nx\n");
});

Deno.test("formatTable() counts wide characters as two columns and marks as none", () => {
  const text = formatTable([["日本", "1"], ["abcd", "2"], ["e\u0301abc", "3"]], {
    hasColor: false,
  });
  assert.equal(text, "日本  1\nabcd  2\ne\u0301abc  3\n");
});

Deno.test("formatTable() escapes what could move the cursor or turn the text around", () => {
  const text = formatTable([["a\nb", "\u001b[31mred", "\u202eabc"]], { hasColor: false });
  assert.equal(text, "a\\u000ab  \\u001b[31mred  \\u202eabc\n");
});

Deno.test("formatTable() takes rows of different lengths, and none", () => {
  assert.equal(formatTable([["a"], ["b", "c"]], { hasColor: false }), "a\nb  c\n");
  assert.equal(formatTable([], { hasColor: false }), "");
});

const USD_CASES: readonly (readonly [number | null, string])[] = [
  [null, "?"],
  [0, "$0"],
  [0.000123, "$0.000123"],
  [0.00012345, "$0.000123"],
  [0.0000000123, "$0.0000000123"],
  [0.5, "$0.50"],
  [0.1234, "$0.123"],
  [0.01, "$0.01"],
  [0.1 + 0.2, "$0.30"],
  [1, "$1.00"],
  [12.345, "$12.35"],
  [1234.5, "$1234.50"],
];

for (const [usd, expected] of USD_CASES) {
  Deno.test(`formatUsd() writes ${usd} as ${expected}`, () => {
    assert.equal(formatUsd(usd), expected);
  });
}

const TOKEN_CASES: readonly (readonly [number | null, string])[] = [
  [null, "?"],
  [0, "0"],
  [999, "999"],
  [1_000, "1,000"],
  [1_234_567, "1,234,567"],
];

for (const [tokens, expected] of TOKEN_CASES) {
  Deno.test(`formatTokens() writes ${tokens} as ${expected}`, () => {
    assert.equal(formatTokens(tokens), expected);
  });
}

const MS_CASES: readonly (readonly [number | null, string])[] = [
  [null, "?"],
  [0.42, "0.4 ms"],
  [9.94, "9.9 ms"],
  [9.96, "10 ms"],
  [812.5, "813 ms"],
  [999.6, "1.0 s"],
  [12_340, "12.3 s"],
  [59_990, "1 min 0 s"],
  [125_000, "2 min 5 s"],
];

for (const [ms, expected] of MS_CASES) {
  Deno.test(`formatMs() writes ${ms} as ${expected}`, () => {
    assert.equal(formatMs(ms), expected);
  });
}
