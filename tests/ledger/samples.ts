/** Entries and files for the tests of the ledger. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Explanation } from "../../src/core/explain.ts";
import { openLedger } from "../../src/ledger/file.ts";
import type { AttemptRecord, LedgerEntry, RequestRecord } from "../../src/ledger/ledger.ts";
import { APPLICATION_ID, MIGRATIONS } from "../../src/ledger/schema.ts";
import type { LedgerStore } from "../../src/ledger/sqlite.ts";

/** The time of every sample entry that does not say otherwise. */
export const SAMPLE_TS: number = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** Why the sample model was chosen. */
export const SAMPLE_EXPLANATION: Explanation = {
  reasons: ["difficulty easy needs tier basic", "small is the first of balanced's order"],
  candidates: [
    { "alias": "small", "expected_cost_usd": 0.002, "note": null },
    { "alias": "big", "expected_cost_usd": null, "note": "does not support tools" },
  ],
  rejected: [{ alias: "tiny", reason: "is disabled in the config" }],
  otherwise: { alias: "big", reason: "is the next in balanced's order: its price is unknown" },
};

/** An attempt that answered. */
export function sampleAttempt(change: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    seq: 1,
    alias: "small",
    provider: "acme",
    modelId: "acme-small-1",
    outcome: "ok",
    judged: false,
    httpStatus: 200,
    errorCode: null,
    dropped: null,
    waitedMs: 0,
    startedMs: 7.5,
    committedMs: 108.75,
    inputTokens: 1000,
    outputTokens: 200,
    cachedTokens: 100,
    cacheWriteTokens: 0,
    reasoningTokens: 50,
    usageSource: "provider",
    costUsd: 0.0025,
    costSource: "config",
    latencyMs: 812.5,
    ttftMs: 101.25,
    upstreamId: "chatcmpl-1",
    ...change,
  };
}

/** An attempt that used nothing, because of a fault. */
export function sampleFault(change: Partial<AttemptRecord> = {}): AttemptRecord {
  return sampleAttempt({
    outcome: "connect",
    httpStatus: null,
    committedMs: null,
    inputTokens: null,
    outputTokens: null,
    cachedTokens: null,
    cacheWriteTokens: null,
    reasoningTokens: null,
    usageSource: null,
    costUsd: null,
    costSource: null,
    ttftMs: null,
    upstreamId: null,
    ...change,
  });
}

/** An entry of one attempt that answered. */
export function sampleEntry(
  change: Partial<RequestRecord> = {},
  attempts: readonly AttemptRecord[] = [sampleAttempt()],
): LedgerEntry {
  const request: RequestRecord = {
    id: "req_1",
    ts: SAMPLE_TS,
    requestedModel: "auto",
    routeRule: "policy:balanced",
    difficulty: "easy",
    difficultyScore: 0.125,
    features: { "v": 1, "input_tokens": 1000 },
    primaryModel: "small",
    finalModel: "small",
    status: "ok",
    httpStatus: 200,
    stream: true,
    inputTokens: 1000,
    outputTokens: 200,
    cachedTokens: 100,
    costUsd: 0.0025,
    latencyMs: 820,
    ttftMs: 110,
    explanation: SAMPLE_EXPLANATION,
    ...change,
  };
  return { request, attempts };
}

/** Entries with ids of their own. */
export function sampleEntries(count: number): readonly LedgerEntry[] {
  return Array.from({ length: count }, (_, index) => sampleEntry({ id: `req_${index}` }));
}

/** Opens a ledger that must open. */
export function openStore(path: string): LedgerStore {
  const opened = openLedger({ path, nowMs: SAMPLE_TS });
  assert(opened.ok, opened.ok ? "" : opened.message);
  assert.equal(opened.warning, null);
  return opened.store;
}

/** Creates a ledger as schema 1 left it, with one answered request and its attempt. */
export function createSchemaOne(path: string): void {
  const db = new DatabaseSync(path);
  db.exec(`
    ${MIGRATIONS[0]}
    PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1;
    INSERT INTO requests VALUES ('old-request', 1000, 'auto', 'policy:balanced', 'easy', 'small',
      'small', 'ok', 200, 1, 10, 20, 0, 0.5, 100.5, 50.25);
    INSERT INTO attempts VALUES ('old-request', 1, 'small', 'acme', 'acme-small', 'ok', 200, 10, 20,
      0, 0, 0, 'provider', 0.5, 'config', 99.5, 49.5, 'up-1');`);
  db.close();
}

/** The rows that a query gives, read by a connection of its own, as a user's `sqlite3` would. */
export function queryRows(path: string, sql: string): readonly Record<string, unknown>[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare(sql).all().map((row) => ({ ...row }));
  } finally {
    db.close();
  }
}

/** Runs a test with a folder that is removed after it. */
export async function withFolder(test: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pirouter-ledger-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a test with a ledger of these entries, which a daemon has open; its folder holds nothing else. */
export async function withLedger(
  entries: readonly LedgerEntry[],
  test: (path: string, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    store.insertEntries(entries);
    await test(path, folder);
    store.close();
  });
}
