/** Reads requests back with what their decisions were made from, to decide them again. */

import type { DatabaseSync } from "node:sqlite";
import type { PastRequest } from "../core/replay.ts";
import { readJson } from "../wire/json.ts";
import {
  countAt,
  numberAt,
  optionalTextAt,
  type Reading,
  readLedger,
  type Row,
  textAt,
} from "./reading.ts";

/** Which requests are read. */
export interface PastOptions<Result> {
  /** Milliseconds since 1970 of the first request that counts. */
  readonly sinceMs: number;
  /** Is given the requests, oldest first, one after the other. */
  readonly take: (requests: Iterable<PastRequest>) => Result;
}

/** Requests to endpoints that route nothing have no decision. */
const PAST_SQL = `
  SELECT r.*, a.input_tokens AS a_input, a.output_tokens AS a_output, a.cached_tokens AS a_cached
  FROM requests AS r LEFT JOIN attempts AS a ON a.request_id = r.id AND a.seq = (
    SELECT max(seq) FROM attempts WHERE request_id = r.id AND alias = r.final_model)
  WHERE r.ts >= :sinceMs AND r.difficulty <> 'not judged' ORDER BY r.ts, r.rowid`;

/** Reads the routed requests of the ledger at `path`; one that does not exist is told, not created. */
export function readPastRequests<Result>(
  path: string,
  { sinceMs, take }: PastOptions<Result>,
): Reading<Result> {
  return readLedger(path, { empty: take([]), read: (db) => take(iterate(db, sinceMs)) });
}

function* iterate(db: DatabaseSync, sinceMs: number): Generator<PastRequest, void, void> {
  for (const row of db.prepare(PAST_SQL).iterate({ sinceMs })) yield readPast(row);
}

function readPast(row: Row): PastRequest {
  const features = optionalTextAt(row, "features");
  return {
    id: textAt(row, "id"),
    ts: countAt(row, "ts"),
    requestedModel: textAt(row, "requested_model"),
    isStreamed: countAt(row, "stream") === 1,
    primaryModel: textAt(row, "primary_model"),
    routeRule: textAt(row, "route_rule"),
    inputTokens: numberAt(row, "a_input") ?? countAt(row, "input_tokens"),
    outputTokens: numberAt(row, "a_output") ?? countAt(row, "output_tokens"),
    cachedTokens: numberAt(row, "a_cached") ?? countAt(row, "cached_tokens"),
    costUsd: numberAt(row, "cost_usd"),
    decision: features === null ? undefined : readJson(features),
  };
}
