import assert from "node:assert/strict";
import { CLIENT_KEY, judgeRecords } from "./strict.ts";

interface Found {
  readonly violations?: readonly string[];
  readonly warnings?: readonly string[];
}

/** A bench's folder with the record of one request, and a ledger. */
async function judge(found: Found, files: Readonly<Record<string, string>> = {}) {
  const folder = await Deno.makeTempDir();
  const end = { ev: "end", violations: [], warnings: [], ...found };
  const record = `${JSON.stringify({ ev: "request" })}\n${JSON.stringify(end)}\n`;
  for (const [name, text] of Object.entries({ "requests.jsonl": record, ...files })) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  const results = await judgeRecords("ollama", [folder]);
  await Deno.remove(folder, { recursive: true });
  return results.map(({ outcome }) => outcome);
}

Deno.test("judgeRecords() has nothing against a clean record", async () => {
  assert.deepEqual(await judge({}, { "ledger.db": "rows" }), ["ok", "ok", "ok"]);
});

Deno.test("judgeRecords() finds a refused request", async () => {
  assert.deepEqual(await judge({ violations: ["Unknown parameter"] }), ["FAILED", "ok", "ok"]);
});

Deno.test("judgeRecords() finds an ignored field", async () => {
  assert.deepEqual(await judge({ warnings: ["field is ignored"] }), ["ok", "FAILED", "ok"]);
});

Deno.test("judgeRecords() does not take silence for success", async () => {
  assert.deepEqual(await judge({}, { "requests.jsonl": "" }), ["FAILED", "ok", "ok"]);
});

for (const file of ["ledger.db", "ledger.db-wal"]) {
  Deno.test(`judgeRecords() finds the client's key in ${file}`, async () => {
    assert.deepEqual(await judge({}, { [file]: `x${CLIENT_KEY}x` }), ["ok", "ok", "FAILED"]);
  });
}

Deno.test("judgeRecords() finds the end of the client's key in the record", async () => {
  assert.deepEqual(await judge({ warnings: ["Bearer …c1d7"] }), ["ok", "FAILED", "FAILED"]);
});
