/** What the policy has routed lately, as the ledger has it: budgets are reckoned by that. */

import { readRows } from "./reading.ts";

/** A request that the policy has routed. */
export interface RecentRequestRow {
  /** Its difficulty: 0 is easiest, 1 hardest. */
  readonly score: number;
  /** The alias that it went to first. */
  readonly alias: string;
}

/** As many as a budget looks at. */
const MAX_ROWS = 500;

/** The requests that are looked at, so that a ledger of any size is read in a moment. */
const MAX_REQUESTS = 5_000;

const RECENT_SQL = `
  SELECT score, primaryModel FROM (
    SELECT difficulty_score AS score, primary_model AS primaryModel, ts, position
    FROM (
      SELECT rowid AS position, ts, difficulty_score, primary_model, route_rule
      FROM requests ORDER BY ts DESC LIMIT ${MAX_REQUESTS}
    )
    WHERE route_rule LIKE 'policy:%' AND difficulty_score IS NOT NULL AND primary_model <> ''
    ORDER BY ts DESC, position DESC LIMIT ${MAX_ROWS}
  ) ORDER BY ts, position`;

/** The newest requests that the policy has routed, oldest first; none when the ledger can't be read. */
export function readRecentRequests(path: string): readonly RecentRequestRow[] {
  // The daemon works without: a budget then starts from what is known of requests in general.
  return readRows(path, RECENT_SQL).map((row) => ({
    score: Number(row["score"]),
    alias: String(row["primaryModel"]),
  }));
}
