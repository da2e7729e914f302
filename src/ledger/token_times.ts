/** How quick models were, as the ledger has it: deadlines are set by that. */

import { numberAt, readRows } from "./reading.ts";

/** The first token of one attempt. */
export interface TokenTimeRow {
  readonly provider: string;
  readonly modelId: string;
  /** Milliseconds from the request to the first token. */
  readonly ttftMs: number;
  readonly inputTokens: number;
  /** Milliseconds from the request to the answer's end; null where it was not accepted, or had none. */
  readonly latencyMs: number | null;
}

/** Attempts that are looked at: enough for every model that is in use. */
const MAX_ROWS = 2_000;

const TOKEN_TIMES_SQL = `
  SELECT a.provider AS provider, a.model_id AS modelId, a.ttft_ms AS ttftMs,
    coalesce(a.input_tokens, 1) AS inputTokens,
    CASE a.outcome WHEN 'ok' THEN a.latency_ms END AS latencyMs
  FROM (SELECT id, ts FROM requests ORDER BY ts DESC LIMIT ${MAX_ROWS}) AS r
  JOIN attempts AS a ON a.request_id = r.id
  WHERE a.ttft_ms IS NOT NULL
  ORDER BY r.ts, a.seq`;

/** The first tokens of the newest requests, oldest first; none when the ledger can't be read. */
export function readTokenTimes(path: string): readonly TokenTimeRow[] {
  // The daemon works without: every deadline is then that of the configuration.
  return readRows(path, TOKEN_TIMES_SQL).map((row) => ({
    provider: String(row["provider"]),
    modelId: String(row["modelId"]),
    ttftMs: Number(row["ttftMs"]),
    inputTokens: Number(row["inputTokens"]),
    latencyMs: numberAt(row, "latencyMs"),
  }));
}
