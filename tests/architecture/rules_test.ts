import assert from "node:assert/strict";
import type { Graph, Import, Module } from "./graph.ts";
import {
  findBadNames,
  findCycles,
  findDeadFiles,
  findImpurities,
  findLayerViolations,
  findLongFiles,
  findSdkImports,
  findStrayEntries,
} from "./rules.ts";

/** A graph from lines such as `src/cli/a.ts: src/core/b.ts, type npm:openai@1`. */
function graphOf(...lines: readonly string[]): Graph {
  return new Map(lines.map((line) => {
    const [path = "", list = ""] = line.split(": ");
    const imports = list.split(", ").filter((item) => item !== "").map(importOf);
    return [path, { path, text: "", imports }];
  }));
}

function importOf(item: string): Import {
  return { target: item.replace(/^type /, ""), isTypeOnly: item.startsWith("type ") };
}

function graphOfText(path: string, text: string): Graph {
  const module: Module = { path, text, imports: [] };
  return new Map([[path, module]]);
}

const LAYER_CASES: readonly (readonly [string, readonly string[]])[] = [
  ["src/cli/a.ts: src/core/b.ts", []],
  ["src/config/a.ts: src/config/b.ts", []],
  ["src/core/a.ts: src/redact.ts", []],
  ["src/cli/a.ts: src/demo/b.ts", []],
  ["src/demo/a.ts: src/core/json.ts", []],
  ["main.ts: src/cli/b.ts", []],
  ["src/training/a.ts: src/core/b.ts", []],
  ["src/training/a.ts: src/log.ts", [
    "src/training/a.ts -> src/log.ts: the training imports core and wire only",
  ]],
  ["src/cli/a.ts: src/training/b.ts", [
    "src/cli/a.ts -> src/training/b.ts: nothing may import the training",
  ]],
  ["src/core/a.ts: src/wire/b.ts", ["src/core/a.ts -> src/wire/b.ts: an upward import"]],
  ["src/engine/a.ts: type src/server/b.ts", [
    "src/engine/a.ts -> src/server/b.ts: an upward import",
  ]],
  ["src/config/a.ts: src/ledger/b.ts", [
    "src/config/a.ts -> src/ledger/b.ts: a neighbour's module",
  ]],
  ["src/ledger/a.ts: type src/providers/b.ts", [
    "src/ledger/a.ts -> src/providers/b.ts: a neighbour's module",
  ]],
  ["src/core/a.ts: src/log.ts", ["src/core/a.ts -> src/log.ts: a neighbour's module"]],
  ["src/demo/a.ts: src/server/b.ts", ["src/demo/a.ts -> src/server/b.ts: the demo imports ours"]],
  ["main.ts: src/demo/b.ts", ["main.ts -> src/demo/b.ts: only cli may import the demo"]],
  ["src/tools/a.ts: src/core/b.ts", ["src/tools/a.ts is in no layer"]],
  ["src/cli/a.ts: src/stray.ts", ["src/stray.ts is in no layer"]],
];

for (const [line, expected] of LAYER_CASES) {
  Deno.test(`findLayerViolations() finds ${expected.length} in "${line}"`, () => {
    const target = line.split(": ")[1]?.replace(/^type /, "") ?? "";
    assert.deepEqual(findLayerViolations(graphOf(line, target)), expected);
  });
}

Deno.test("findCycles() finds circles, those of types included, and names their way", () => {
  const graph = graphOf("a.ts: b.ts", "b.ts: type c.ts", "c.ts: b.ts", "d.ts: d.ts");
  assert.deepEqual(findCycles(graph), ["b.ts -> c.ts -> b.ts", "d.ts -> d.ts"]);
});

Deno.test("findCycles() lets two ways lead to one module", () => {
  assert.deepEqual(findCycles(graphOf("a.ts: b.ts, c.ts", "b.ts: c.ts", "c.ts")), []);
});

for (
  const text of [
    "Deno.env",
    "fetch(url)",
    "new Date()",
    "Date.now()",
    "Math.random()",
    "setTimeout(f)",
    "setInterval(f)",
    "console.log()",
    "async () => 1",
    "`at ${Date.now()}`",
  ]
) {
  Deno.test(`findImpurities() finds ${text}`, () => {
    for (const path of ["src/core/a.ts", "src/wire/a.ts", "src/providers/openai.ts"]) {
      assert.equal(findImpurities(graphOfText(path, text)).length, 1, path);
    }
  });
}

for (
  const text of [
    "// fetch(url) and Date",
    "/** Math.random()\n * console */",
    'const text = "async Date";',
    "const text = 'Deno.env';",
    "const url = 'http://x'; const dateOf = isDate;",
    "Date.UTC(2026, 0)",
    "prefetch(url)",
  ]
) {
  Deno.test(`findImpurities() finds nothing in ${JSON.stringify(text)}`, () => {
    assert.deepEqual(findImpurities(graphOfText("src/core/a.ts", text)), []);
  });
}

Deno.test("findImpurities() lets the shell act", () => {
  for (const path of ["src/providers/transport.ts", "src/server/a.ts", "src/ledger/a.ts"]) {
    assert.deepEqual(findImpurities(graphOfText(path, "await fetch(url)")), []);
  }
});

Deno.test("findSdkImports() finds a vendor's package at run time, not its types", () => {
  const graph = graphOf(
    "a.ts: npm:openai@7.0.0, npm:/@anthropic-ai/sdk@1.0.0, npm:/ollama@1.0.0/browser",
    "b.ts: type npm:openai@7.0.0, npm:openai-like@1.0.0, npm:valibot@1.0.0",
  );
  assert.deepEqual(findSdkImports(graph), [
    "a.ts imports npm:openai@7.0.0 at run time",
    "a.ts imports npm:/@anthropic-ai/sdk@1.0.0 at run time",
    "a.ts imports npm:/ollama@1.0.0/browser at run time",
  ]);
});

Deno.test("findLongFiles() finds a file of 301 lines, not one of 300", () => {
  assert.deepEqual(findLongFiles(graphOfText("a.ts", "x\n".repeat(300))), []);
  assert.equal(findLongFiles(graphOfText("a.ts", "x\n".repeat(301))).length, 1);
});

Deno.test("findBadNames() finds names that are not snake_case or that name nothing", () => {
  const bad = ["src/aB.ts", "src/a-b.ts", "src/cli/utils.ts", "tests/index.ts", "src/types.ts"];
  assert.equal(findBadNames([...bad, "src/a_b2.ts", "main.ts"]).length, bad.length);
});

Deno.test("findStrayEntries() finds what is not agreed at the root", () => {
  const names = ["src", "tests", "main.ts", ".github", "LICENSE", "notes.md", "package.json"];
  assert.deepEqual(findStrayEntries(names), [
    "notes.md is a stray entry",
    "package.json is a stray entry",
  ]);
});

Deno.test("findDeadFiles() finds what main.ts does not lead to", () => {
  const graph = graphOf(
    "main.ts: src/a.ts",
    "src/a.ts: type src/b.ts",
    "src/b.ts",
    "src/c.ts: src/a.ts",
  );
  assert.deepEqual(findDeadFiles(graph), ["src/c.ts is not reached from main.ts"]);
});

Deno.test("findDeadFiles() says so when there is no main.ts", () => {
  assert.deepEqual(findDeadFiles(graphOf("src/a.ts")), ["main.ts is missing"]);
});
