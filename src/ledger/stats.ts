/** What the ledger says about a span of time: read-only, also while a daemon writes. */

import type { DatabaseSync } from "node:sqlite";
import { type Dimension, GROUPS_SQL, LATENCY_SQL, TOTALS_SQL, UNPRICED_SQL } from "./queries.ts";
import { countAt, numberAt, readLedger, type Row, textAt } from "./reading.ts";

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
  const result = readLedger(path, { empty: EMPTY, read: (db) => queryStats(db, options) });
  return result.ok ? { ok: true, stats: result.value } : result;
}

function queryStats(db: DatabaseSync, { sinceMs, by }: StatsOptions): Stats {
  const rowsOf = (sql: string): readonly Row[] => db.prepare(sql).all({ sinceMs });
  const totals = rowsOf(TOTALS_SQL)[0] ?? {};
  const times = rowsOf(LATENCY_SQL)[0] ?? {};
  return {
    totals: readTotals({ ...totals, ...times }),
    groups: rowsOf(GROUPS_SQL[by]).map(readGroup),
    unpricedModels: rowsOf(UNPRICED_SQL).map((row) => ({
      alias: textAt(row, "alias"),
      attempts: countAt(row, "attempts"),
    })),
  };
}

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

/** A file that a daemon has just created, before its tables. */
const EMPTY: Stats = { totals: readTotals({}), groups: [], unpricedModels: [] };
