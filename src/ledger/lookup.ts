/** Finds one request in the ledger, with its attempts. */

import { isJsonObject, type JsonObject } from "../core/json.ts";
import { readJson } from "../wire/json.ts";
import type { DatabaseSync } from "node:sqlite";
import type { Explanation } from "../core/explain.ts";
import { parseExplanation } from "./explanation.ts";
import type { AttemptRecord, RequestRecord } from "./ledger.ts";
import {
  countAt,
  flagAt,
  numberAt,
  optionalTextAt,
  type Reading,
  readLedger,
  type Row,
  textAt,
} from "./reading.ts";

/** The most matches of the beginning of an id that are listed. */
const MAX_MATCHES = 10;

/** A request as it was stored; null is unknown, or not in a row that an older pirouter wrote. */
export interface StoredRequest
  extends Omit<RequestRecord, "status" | "difficultyScore" | "explanation"> {
  readonly status: string;
  readonly difficultyScore: number | null;
  readonly explanation: Explanation | null;
}

/** An attempt as it was stored; null is unknown, or not in a row that an older pirouter wrote. */
export interface StoredAttempt
  extends Omit<AttemptRecord, "outcome" | "judged" | "usageSource" | "costSource" | "startedMs"> {
  readonly outcome: string;
  readonly judged: boolean | null;
  readonly usageSource: string | null;
  readonly costSource: string | null;
  readonly startedMs: number | null;
}

/** A request whose id begins as was asked. */
export interface RequestMatch {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly ts: number;
  readonly requestedModel: string;
}

/** What was found. */
export type Lookup =
  | {
    readonly type: "request";
    readonly request: StoredRequest;
    readonly attempts: readonly StoredAttempt[];
  }
  | { readonly type: "none" }
  /** Several ids begin so: the newest of them, and whether there are more. */
  | {
    readonly type: "several";
    readonly matches: readonly RequestMatch[];
    readonly hasMore: boolean;
  };

/** Finds the request with this id, or with the only id that begins so; null: the newest request. */
export function findRequest(path: string, id: string | null): Reading<Lookup> {
  const read = (db: DatabaseSync) => id === null ? readNewest(db) : readById(db, id);
  return readLedger<Lookup>(path, { empty: { type: "none" }, read });
}

function readNewest(db: DatabaseSync): Lookup {
  return readRow(
    db,
    db.prepare("SELECT * FROM requests ORDER BY ts DESC, rowid DESC LIMIT 1").get(),
  );
}

/** A range of the primary key: nothing in an id is a wildcard, and no other row is read. */
const BEGINS_SO = `
  SELECT * FROM requests WHERE id >= :start AND id < :end ORDER BY ts DESC LIMIT ${
  MAX_MATCHES + 1
}`;

function readById(db: DatabaseSync, id: string): Lookup {
  const exact = db.prepare("SELECT * FROM requests WHERE id = ?").get(id);
  if (exact !== undefined) return readRow(db, exact);
  const rows: readonly Row[] = db.prepare(BEGINS_SO).all({ start: id, end: `${id}\u{10ffff}` });
  if (rows.length < 2) return readRow(db, rows[0]);
  const matches = rows.slice(0, MAX_MATCHES).map((row) => ({
    id: textAt(row, "id"),
    ts: countAt(row, "ts"),
    requestedModel: textAt(row, "requested_model"),
  }));
  return { type: "several", matches, hasMore: rows.length > MAX_MATCHES };
}

function readRow(db: DatabaseSync, row: Row | undefined): Lookup {
  if (row === undefined) return { type: "none" };
  const request = readRequest(row);
  const attempts = db.prepare("SELECT * FROM attempts WHERE request_id = ? ORDER BY seq")
    .all(request.id).map(readAttempt);
  return { type: "request", request, attempts };
}

function readRequest(row: Row): StoredRequest {
  return {
    id: textAt(row, "id"),
    ts: countAt(row, "ts"),
    requestedModel: textAt(row, "requested_model"),
    routeRule: textAt(row, "route_rule"),
    difficulty: textAt(row, "difficulty"),
    difficultyScore: numberAt(row, "difficulty_score"),
    features: readFeatures(optionalTextAt(row, "features")),
    primaryModel: textAt(row, "primary_model"),
    finalModel: optionalTextAt(row, "final_model"),
    status: textAt(row, "status"),
    httpStatus: countAt(row, "http_status"),
    stream: countAt(row, "stream") === 1,
    inputTokens: countAt(row, "input_tokens"),
    outputTokens: countAt(row, "output_tokens"),
    cachedTokens: countAt(row, "cached_tokens"),
    costUsd: numberAt(row, "cost_usd"),
    latencyMs: countAt(row, "latency_ms"),
    ttftMs: numberAt(row, "ttft_ms"),
    explanation: parseExplanation(optionalTextAt(row, "explanation")),
  };
}

/** The column as JSON; null when it has none. */
function readFeatures(text: string | null): JsonObject | null {
  const json = text === null ? undefined : readJson(text);
  return isJsonObject(json) ? json : null;
}

function readAttempt(row: Row): StoredAttempt {
  return {
    seq: countAt(row, "seq"),
    alias: textAt(row, "alias"),
    provider: textAt(row, "provider"),
    modelId: textAt(row, "model_id"),
    outcome: textAt(row, "outcome"),
    judged: flagAt(row, "judged"),
    httpStatus: numberAt(row, "http_status"),
    errorCode: optionalTextAt(row, "error_code"),
    dropped: optionalTextAt(row, "dropped"),
    waitedMs: countAt(row, "waited_ms"),
    startedMs: numberAt(row, "started_ms"),
    committedMs: numberAt(row, "committed_ms"),
    inputTokens: numberAt(row, "input_tokens"),
    outputTokens: numberAt(row, "output_tokens"),
    cachedTokens: numberAt(row, "cached_tokens"),
    cacheWriteTokens: numberAt(row, "cache_write_tokens"),
    reasoningTokens: numberAt(row, "reasoning_tokens"),
    usageSource: optionalTextAt(row, "usage_source"),
    costUsd: numberAt(row, "cost_usd"),
    costSource: optionalTextAt(row, "cost_source"),
    latencyMs: countAt(row, "latency_ms"),
    ttftMs: numberAt(row, "ttft_ms"),
    upstreamId: optionalTextAt(row, "upstream_id"),
  };
}
