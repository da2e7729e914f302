import assert from "node:assert/strict";
import denoJson from "../../deno.json" with { type: "json" };
import { AGENTS } from "./agents.ts";
import manifest from "./npm/package.json" with { type: "json" };
import { SDKS } from "./sdks.ts";

const VERSIONS = new Map<string, string>(Object.entries(manifest.dependencies));
const HELPERS = ["node"];

Deno.test("the clients are pinned to exact versions, and each of them is run", () => {
  const needed = new Set([...SDKS, ...AGENTS].flatMap(({ needs }) => needs).concat(HELPERS));
  assert.deepEqual([...VERSIONS.keys()].sort(), [...needed].sort());
  for (const [name, version] of VERSIONS) assert.match(version, /^\d+\.\d+\.\d+$/, name);
});

for (const { name, needs: [main = ""] } of [...SDKS, ...AGENTS]) {
  Deno.test(`the table calls ${name} by the version that is installed`, () => {
    const [told = ""] = /\d+\.\d+$/.exec(name) ?? [];
    assert.ok(VERSIONS.get(main)?.startsWith(`${told}.`), VERSIONS.get(main));
  });
}

Deno.test("the OpenAI SDK that is tried is the one whose types are built on", () => {
  assert.equal(denoJson.imports["openai"], `npm:openai@${VERSIONS.get("openai")}`);
});
