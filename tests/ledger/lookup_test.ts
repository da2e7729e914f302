import assert from "node:assert/strict";
import { parseExplanation } from "../../src/ledger/explanation.ts";
import type { LedgerEntry } from "../../src/ledger/ledger.ts";
import { findRequest, type Lookup } from "../../src/ledger/lookup.ts";
import {
  createSchemaOne,
  openStore,
  SAMPLE_EXPLANATION,
  SAMPLE_TS,
  sampleAttempt,
  sampleEntry,
  sampleFault,
  withFolder,
} from "./samples.ts";

const ENTRIES: readonly LedgerEntry[] = [
  sampleEntry({ id: "aaaa-1111", ts: SAMPLE_TS }),
  sampleEntry({ id: "aaaa-2222", ts: SAMPLE_TS + 2 }, [
    sampleFault({ errorCode: "rate_limit_exceeded", waitedMs: 12 }),
    sampleAttempt({ seq: 2, judged: true }),
  ]),
  sampleEntry({ id: "bbbb-1111", ts: SAMPLE_TS + 1, requestedModel: "small" }),
];

/** What is found while the daemon has the file open. */
async function find(id: string | null, entries = ENTRIES): Promise<Lookup> {
  let found: Lookup | null = null;
  await withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    store.insertEntries(entries);
    const reading = findRequest(path, id);
    store.close();
    assert.ok(reading.ok);
    found = reading.value;
  });
  assert.ok(found !== null);
  return found;
}

/** The id that was found, or what was found instead. */
async function findId(id: string | null): Promise<string> {
  const found = await find(id);
  return found.type === "request" ? found.request.id : found.type;
}

const IDS: readonly (readonly [string, string | null, string])[] = [
  ["a whole id", "aaaa-1111", "aaaa-1111"],
  ["the beginning of one id", "bbbb", "bbbb-1111"],
  ["no id: the newest request", null, "aaaa-2222"],
  ["an id that is in no row", "cccc-1111", "none"],
  ["the beginning of several ids", "aaaa", "several"],
  ["a wildcard of SQL", "bbbb%", "none"],
  ["a wildcard of GLOB", "bbbb*", "none"],
  ["a quote", "bbbb'", "none"],
];

for (const [what, id, expected] of IDS) {
  Deno.test(`findRequest() by ${what} gives ${expected}`, async () => {
    assert.equal(await findId(id), expected);
  });
}

Deno.test("findRequest() gives every field of the request and its attempts, in order", async () => {
  const found = await find("aaaa-2222");
  assert.ok(found.type === "request");
  const [, entry] = ENTRIES;
  assert.deepEqual(found.request, entry?.request);
  assert.deepEqual(found.attempts, entry?.attempts);
});

Deno.test("findRequest() lists the requests whose ids begin alike, the newest first", async () => {
  const found = await find("aaaa");
  assert.ok(found.type === "several");
  assert.deepEqual(found.matches, [
    { id: "aaaa-2222", ts: SAMPLE_TS + 2, requestedModel: "auto" },
    { id: "aaaa-1111", ts: SAMPLE_TS, requestedModel: "auto" },
  ]);
  assert.equal(found.hasMore, false);
});

Deno.test("findRequest() lists ten of many, and says that there are more", async () => {
  const many = Array.from({ length: 12 }, (_, index) => sampleEntry({ id: `many-${index}` }));
  const found = await find("many", many);
  assert.ok(found.type === "several");
  assert.deepEqual([found.matches.length, found.hasMore], [10, true]);
});

Deno.test("findRequest() lists exactly ten, and says that there are no more", async () => {
  const ten = Array.from({ length: 10 }, (_, index) => sampleEntry({ id: `ten-${index}` }));
  const found = await find("ten", ten);
  assert.ok(found.type === "several");
  assert.deepEqual([found.matches.length, found.hasMore], [10, false]);
});

Deno.test("findRequest() takes the later of two requests of the same moment for the newest", async () => {
  const found = await find(null, ["z-first", "a-second"].map((id) => sampleEntry({ id })));
  assert.ok(found.type === "request");
  assert.equal(found.request.id, "a-second");
});

Deno.test("findRequest() prefers the whole id to longer ones that begin with it", async () => {
  const entries = ["aaaa", "aaaa-1"].map((id) => sampleEntry({ id }));
  const found = await find("aaaa", entries);
  assert.ok(found.type === "request");
  assert.equal(found.request.id, "aaaa");
});

Deno.test("findRequest() reads a ledger of schema 1 as it is, and does not change it", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    createSchemaOne(path);
    const before = Deno.readFileSync(path);
    const reading = findRequest(path, "old-re");
    assert.ok(reading.ok && reading.value.type === "request");
    const { request, attempts } = reading.value;
    assert.deepEqual(
      [request.explanation, request.difficultyScore, request.costUsd],
      [null, null, 0.5],
    );
    const [attempt] = attempts;
    assert.deepEqual(
      [attempt?.waitedMs, attempt?.startedMs, attempt?.committedMs, attempt?.errorCode],
      [0, null, null, null],
    );
    assert.equal(attempt?.judged, null);
    assert.deepEqual(Deno.readFileSync(path), before);
  }));

Deno.test("findRequest() of a ledger without a row, or without tables, finds nothing", () =>
  withFolder((folder) => {
    openStore(`${folder}/empty.db`).close();
    Deno.writeTextFileSync(`${folder}/new.db`, "");
    for (const name of ["empty.db", "new.db"]) {
      assert.deepEqual(findRequest(`${folder}/${name}`, null), {
        ok: true,
        value: { type: "none" },
      });
    }
  }));

Deno.test("findRequest() says that there is no ledger yet, and creates none", () =>
  withFolder((folder) => {
    const reading = findRequest(`${folder}/ledger.db`, null);
    assert.ok(!reading.ok && reading.isMissing);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));

Deno.test("parseExplanation() gives back what was stored", () => {
  assert.deepEqual(parseExplanation(JSON.stringify(SAMPLE_EXPLANATION)), SAMPLE_EXPLANATION);
  const alone = { ...SAMPLE_EXPLANATION, otherwise: null };
  assert.deepEqual(parseExplanation(JSON.stringify(alone)), alone);
});

const NOTHING = { reasons: [], candidates: [], rejected: [], otherwise: null };

const FOREIGN: readonly (readonly [string | null, unknown])[] = [
  [null, null],
  ["", null],
  ["{", null],
  ["[]", null],
  ["null", null],
  ["{}", NOTHING],
  ['{"reasons": [1, null], "candidates": 5, "rejected": {}, "otherwise": []}', NOTHING],
];

for (const [text, expected] of FOREIGN) {
  Deno.test(`parseExplanation() takes ${text} for ${expected === null ? "none" : "an empty one"}`, () => {
    assert.deepEqual(parseExplanation(text), expected);
  });
}
