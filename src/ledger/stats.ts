/** What the ledger says about a span of time: read-only, also while a daemon writes. */

import { DatabaseSync } from "node:sqlite";
import { explain, readVersion } from "./file.ts";
import { type Dimension, GROUPS_SQL, LATENCY_SQL, TOTALS_SQL, UNPRICED_SQL } from "./queries.ts";

/** Waiting is fine here: nobody else's request waits with us. */
const READ_TIMEOUT_MS = 2_000;

/** One line of a report. Costs are US dollars. */
export interface StatsGroup {
  /** The model, rule, provider or local day (`2026-01-31`). */
  readonly key: string;
  readonly requests: number;
  /** Requests that were answered; by model and provider: those that this one answered. */
  readonly ok: number;
  /** By model and provider: what their attempts used, the rejected ones too. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  /** The sum of the costs that are known; null when none is. */
  readonly costUsd: number | null;
  /** Attempts that used tokens at an unknown price: they are in no sum. */
  readonly unpricedAttempts: number;
}

/** The sums over all requests. Times are milliseconds; null when there is nothing to tell. */
export interface StatsTotals {
  readonly requests: number;
  readonly ok: number;
  readonly error: number;
  readonly exhausted: number;
  readonly cancelled: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  /** The sum of the costs that are known; null when none is. */
  readonly costUsd: number | null;
  /** Requests with an attempt whose price is unknown. */
  readonly unknownCostRequests: number;
  /** Weak answers that were followed by another attempt. */
  readonly escalations: number;
  /** Faults that were followed by another attempt. */
  readonly fallbacks: number;
  readonly latencyP50Ms: number | null;
  readonly latencyP95Ms: number | null;
  readonly ttftP50Ms: number | null;
}

/** A model that was used without a known price. */
export interface UnpricedModel {
  readonly alias: string;
  readonly attempts: number;
}

/** A report. */
export interface Stats {
  readonly totals: StatsTotals;
  /** The most expensive first (days: the earliest first). */
  readonly groups: readonly StatsGroup[];
  readonly unpricedModels: readonly UnpricedModel[];
}

/** A report, or a sentence for people that says why there is none. */
export type StatsResult =
  | { readonly ok: true; readonly stats: Stats }
  | { readonly ok: false; readonly isMissing: boolean; readonly message: string };

/** What a report is about. */
export interface StatsOptions {
  /** Milliseconds since 1970 of the first request that counts. */
  readonly sinceMs: number;
  readonly by: Dimension;
}

/** Reads a report from the ledger at `path`; a file that does not exist is told, not created. */
export function readStats(path: string, options: StatsOptions): StatsResult {
  if (!isFile(path)) {
    const message = `There is no ledger at "${path}" yet: the daemon creates it when it starts`;
    return { ok: false, isMissing: true, message };
  }
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: READ_TIMEOUT_MS });
    try {
      return { ok: true, stats: queryStats(db, options) };
    } finally {
      db.close();
    }
  } catch (error) {
    return { ok: false, isMissing: false, message: explain(path, error) };
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Error) return true;
    throw error;
  }
}

function queryStats(db: DatabaseSync, { sinceMs, by }: StatsOptions): Stats {
  if (readVersion(db) === 0) return EMPTY;
  // One transaction, so that all parts tell of the same moment.
  db.exec("BEGIN");
  const rowsOf = (sql: string): readonly Row[] => db.prepare(sql).all({ sinceMs });
  const totals = rowsOf(TOTALS_SQL)[0] ?? {};
  const times = rowsOf(LATENCY_SQL)[0] ?? {};
  const stats: Stats = {
    totals: readTotals({ ...totals, ...times }),
    groups: rowsOf(GROUPS_SQL[by]).map(readGroup),
    unpricedModels: rowsOf(UNPRICED_SQL).map((row) => ({
      alias: textAt(row, "alias"),
      attempts: countAt(row, "attempts"),
    })),
  };
  db.exec("COMMIT");
  return stats;
}

type Row = Readonly<Record<string, unknown>>;

function readTotals(row: Row): StatsTotals {
  return {
    requests: countAt(row, "requests"),
    ok: countAt(row, "ok"),
    error: countAt(row, "error"),
    exhausted: countAt(row, "exhausted"),
    cancelled: countAt(row, "cancelled"),
    inputTokens: countAt(row, "inputTokens"),
    outputTokens: countAt(row, "outputTokens"),
    cachedTokens: countAt(row, "cachedTokens"),
    costUsd: numberAt(row, "costUsd"),
    unknownCostRequests: countAt(row, "unknownCostRequests"),
    escalations: countAt(row, "escalations"),
    fallbacks: countAt(row, "fallbacks"),
    latencyP50Ms: numberAt(row, "latencyP50Ms"),
    latencyP95Ms: numberAt(row, "latencyP95Ms"),
    ttftP50Ms: numberAt(row, "ttftP50Ms"),
  };
}

function readGroup(row: Row): StatsGroup {
  return {
    key: textAt(row, "key"),
    requests: countAt(row, "requests"),
    ok: countAt(row, "ok"),
    inputTokens: countAt(row, "inputTokens"),
    outputTokens: countAt(row, "outputTokens"),
    cachedTokens: countAt(row, "cachedTokens"),
    costUsd: numberAt(row, "costUsd"),
    unpricedAttempts: countAt(row, "unpricedAttempts"),
  };
}

function numberAt(row: Row, name: string): number | null {
  const value = row[name];
  return typeof value === "number" ? value : null;
}

function countAt(row: Row, name: string): number {
  return numberAt(row, name) ?? 0;
}

function textAt(row: Row, name: string): string {
  return String(row[name] ?? "");
}

/** A file that a daemon has just created, before its tables. */
const EMPTY: Stats = { totals: readTotals({}), groups: [], unpricedModels: [] };
