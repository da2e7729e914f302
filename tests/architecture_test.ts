import assert from "node:assert/strict";
import { listFiles, listTopLevel, loadGraph } from "./architecture/graph.ts";
import * as rules from "./architecture/rules.ts";

const GRAPH = await loadGraph();

Deno.test("the rules see every file below src", async () => {
  const seen = [...GRAPH.keys()].filter((path) => path !== "main.ts").sort();
  assert.deepEqual(seen, await listFiles("src"));
});

Deno.test("every module imports from lower layers or its own folder only", () => {
  assert.deepEqual(rules.findLayerViolations(GRAPH), []);
});

Deno.test("no import is circular", () => {
  assert.deepEqual(rules.findCycles(GRAPH), []);
});

Deno.test("the core, the codecs and the dialects name no I/O, clock or randomness", () => {
  assert.deepEqual(rules.findImpurities(GRAPH), []);
});

Deno.test("nothing of a vendor's package exists at run time", () => {
  assert.deepEqual(rules.findSdkImports(GRAPH), []);
});

Deno.test("no file has more than 300 lines", () => {
  assert.deepEqual(rules.findLongFiles(GRAPH), []);
});

Deno.test("files are named by a noun in snake_case", async () => {
  assert.deepEqual(rules.findBadNames([...GRAPH.keys(), ...await listFiles("tests")]), []);
});

Deno.test("main.ts leads to every file below src", () => {
  assert.deepEqual(rules.findDeadFiles(GRAPH), []);
});

const TOP_LEVEL = await listTopLevel();

Deno.test({
  name: "the root holds the agreed entries only",
  ignore: TOP_LEVEL === null,
  fn: () => assert.deepEqual(rules.findStrayEntries(TOP_LEVEL ?? []), []),
});
