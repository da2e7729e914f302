/** How the answers of models were judged, as the ledger has it: what is expected of them is set by that. */

import { readRows } from "./reading.ts";

/** One judged answer. */
export interface ObservationRow {
  readonly alias: string;
  readonly provider: string;
  readonly modelId: string;
  /** The request's difficulty: 0 is easiest, 1 hardest. */
  readonly score: number;
  /** When its request came, in milliseconds since 1970. */
  readonly ts: number;
  /** Whether it was accepted, not escalated as weak. */
  readonly isAdequate: boolean;
}

/** The most answers that are read: enough for every model that is in use. */
const MAX_ROWS = 5_000;

/** The requests that are looked at, so that a ledger of any size is read in a moment. */
const MAX_REQUESTS = 20_000;

const OBSERVATIONS_SQL = `
  SELECT * FROM (
    SELECT a.alias AS alias, a.provider AS provider, a.model_id AS modelId,
      r.difficulty_score AS score, a.outcome = 'ok' AS isAdequate, r.ts AS ts, r.rowid AS position,
      a.seq AS seq
    FROM (
      SELECT rowid, id, ts, difficulty_score FROM requests ORDER BY ts DESC LIMIT ${MAX_REQUESTS}
    ) AS r
    CROSS JOIN attempts AS a ON a.request_id = r.id
    WHERE a.judged = 1 AND r.difficulty_score IS NOT NULL
    ORDER BY ts DESC, position DESC, seq DESC LIMIT ${MAX_ROWS}
  ) ORDER BY ts, position, seq`;

/** The newest judged answers, oldest first; none when the ledger can't be read. */
export function readObservations(path: string): readonly ObservationRow[] {
  // The daemon works without: what is expected of a model is then what its tier says.
  return readRows(path, OBSERVATIONS_SQL).map((row) => ({
    alias: String(row["alias"]),
    provider: String(row["provider"]),
    modelId: String(row["modelId"]),
    score: Number(row["score"]),
    ts: Number(row["ts"]),
    isAdequate: row["isAdequate"] === 1,
  }));
}
