import assert from "node:assert/strict";
import { FAULT_ROWS } from "./rows.ts";

/** Tests of other parts of what must be survived: requests, secrets, load. */
const OTHER_PARTS: ReadonlySet<string> = new Set([
  "deep_arguments_test.ts",
  "echoed_key_test.ts",
  "many_streams_test.ts",
  "slow_reader_test.ts",
]);

/** The text of each test file of this folder but this one. */
async function readTestFiles(): Promise<ReadonlyMap<string, string>> {
  const folder = new URL(".", import.meta.url);
  const files = new Map<string, string>();
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith("_test.ts") || import.meta.url.endsWith(`/${name}`)) continue;
    files.set(name, await Deno.readTextFile(new URL(name, folder)));
  }
  return files;
}

Deno.test("every row of the table is named by a test file", async () => {
  const sources = [...(await readTestFiles()).values()].filter((text) => /\browTest\(/.test(text));
  const missing = Object.keys(FAULT_ROWS)
    .filter((row) => !sources.some((source) => source.includes(`"${row}"`)));
  assert.deepEqual(missing, []);
});

Deno.test("every test of this folder names its row", async () => {
  const files = await readTestFiles();
  const others = [...files].filter(([, source]) => /\b(?:Deno\.test|timedTest)\(/.test(source));
  const strays = others.map(([name]) => name).filter((name) => !OTHER_PARTS.has(name));
  assert.deepEqual(strays, []);
  assert.deepEqual([...OTHER_PARTS].filter((name) => !files.has(name)), [], "files that are gone");
});
