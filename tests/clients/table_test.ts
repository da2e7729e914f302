import assert from "node:assert/strict";
import { readSelection } from "./selection.ts";
import { CLIENT_IDS } from "./suite.ts";
import { describeResults, type Dialect, DIALECTS, type Outcome, type Result } from "./table.ts";

function resultOf(dialect: Dialect, outcome: Outcome, reason = ""): Result {
  return { client: "Pi", name: "simple answer", dialect, outcome, reason };
}

Deno.test("describeResults() has a line for each case, the reasons and the sums", () => {
  const results = [
    resultOf("openai", "ok"),
    resultOf("anthropic", "FAILED", "exit\ncode 1"),
    resultOf("ollama", "skipped", "no images"),
    { ...resultOf("openai", "ok"), client: "Aider" },
  ];
  assert.deepEqual(
    describeResults(results, { dialects: DIALECTS }).trim().split("\n"),
    [
      "client  case           openai  anthropic  ollama",
      "Aider   simple answer  ok      -          -",
      "Pi      simple answer  ok      FAILED     skipped",
      "",
      "skipped  Pi: simple answer (ollama): no images",
      "FAILED  Pi: simple answer (anthropic): exit code 1",
      "",
      "clients: 2 passed, 1 failed, 1 skipped",
    ],
  );
});

Deno.test("describeResults() shows the dialects that were run", () => {
  const text = describeResults([resultOf("ollama", "ok")], {
    dialects: ["ollama"],
  });
  assert.match(text, /^client {2}case {11}ollama$/m);
});

Deno.test("readSelection() takes all clients and dialects by default", () => {
  assert.deepEqual(readSelection([]), {
    clients: CLIENT_IDS,
    dialects: DIALECTS,
  });
});

Deno.test("readSelection() narrows", () => {
  assert.deepEqual(
    readSelection(["--only", "pi,openai", "--dialect", "ollama"]),
    {
      clients: ["pi", "openai"],
      dialects: ["ollama"],
    },
  );
});

const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [["--only", "pie"], /^There is no client "pie": /],
  [["--dialect", "olama"], /^The dialects are openai, anthropic, ollama\.$/],
];

for (const [args, message] of WRONG) {
  Deno.test(`readSelection() refuses ${args.join(" ")}`, () => {
    assert.match(String(readSelection(args)), message);
  });
}
