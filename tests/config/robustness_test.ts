import assert from "node:assert/strict";
import fc from "fast-check";
import { buildConfig } from "../../src/config/build.ts";
import { readDocument } from "../../src/config/document.ts";
import { formatIssue } from "../../src/config/issue_line.ts";
import { EMPTY_PRICE_LIST } from "../../src/config/prices.ts";
import { COMPAT_TABLE, SECTIONS, THEN_TABLE } from "../../src/config/schema.ts";
import { problemsOf } from "./sample.ts";

const CONTEXT = {
  file: "config.toml",
  env: () => undefined,
  os: "linux",
  priceList: EMPTY_PRICE_LIST,
};

function check(raw: unknown): void {
  const { config, issues } = buildConfig(readDocument(raw), CONTEXT);
  const hasErrors = issues.some((issue) => issue.severity !== "warning");
  assert.equal(config === null, hasErrors);
  for (const issue of issues) {
    assert.match(formatIssue("config.toml", issue), /^config\.toml: [^\p{Cc}]+$/u);
  }
}

const KEYS = [...Object.values(SECTIONS), COMPAT_TABLE, THEN_TABLE]
  .flatMap((table) => Object.keys(table.entries));
const key = fc.oneof(
  fc.constantFrom(...KEYS, "__proto__", "constructor", "toString", "all", "any", "not", "always"),
  fc.string(),
);
const leaf = fc.oneof(
  fc.anything({ withDate: true, withNullPrototype: true, maxDepth: 1 }),
  fc.constantFrom("ollama", "local", "openai", "http://x", "", "$header:x", 1, 0.5, true),
);
const { table } = fc.letrec<{ table: unknown; value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, tie("table"), fc.array(tie("table"), { maxLength: 3 })),
  table: fc.dictionary(key, tie("value"), { maxKeys: 5 }),
}));

Deno.test("readDocument() and buildConfig() never throw, whatever the value", () => {
  fc.assert(fc.property(fc.anything(), check), { seed: 1, numRuns: 300 });
});

Deno.test("readDocument() and buildConfig() never throw on sections of whatever values", () => {
  const sections = fc.record(
    Object.fromEntries(
      Object.keys(SECTIONS).map((name) => [
        name,
        name === "rules" ? fc.oneof(fc.array(table), leaf) : fc.oneof(table, leaf),
      ]),
    ),
    { requiredKeys: [] },
  );
  fc.assert(fc.property(sections, check), { seed: 2, numRuns: 500 });
});

Deno.test("parseConfig() never throws, whatever the text", async () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom("[server]", "[[rules]]", "[models.x]", "a = 1", 'k = "', "x = {", "[a.b]"),
  );
  const text = fc.array(line, { maxLength: 6 }).map((lines) => lines.join("\n"));
  await fc.assert(
    fc.asyncProperty(text, async (config) => {
      assert.ok((await problemsOf(config)).length > 0);
    }),
    { seed: 3, numRuns: 300 },
  );
});
