/** Entries and files for the tests of the ledger. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openLedger } from "../../src/ledger/file.ts";
import type { AttemptRecord, LedgerEntry, RequestRecord } from "../../src/ledger/ledger.ts";
import type { LedgerStore } from "../../src/ledger/sqlite.ts";

/** The time of every sample entry that does not say otherwise. */
export const SAMPLE_TS: number = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** An attempt that answered. */
export function sampleAttempt(change: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    seq: 1,
    alias: "small",
    provider: "acme",
    modelId: "acme-small-1",
    outcome: "ok",
    httpStatus: 200,
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
