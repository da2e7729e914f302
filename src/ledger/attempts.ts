/** Reads single attempts back, in the order in which their requests came. */

import { DatabaseSync } from "node:sqlite";
import { countAt, numberAt, textAt } from "./reading.ts";

/** An attempt beside the request that it belongs to; null is unknown. */
export interface AttemptRow {
  readonly requestId: string;
  readonly rule: string;
  readonly status: string;
  readonly seq: number;
  readonly alias: string;
  readonly outcome: string;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly costUsd: number | null;
}

const ATTEMPTS_SQL = `
  SELECT r.id AS requestId, r.route_rule AS rule, r.status AS status, a.seq AS seq,
    a.alias AS alias, a.outcome AS outcome, a.input_tokens AS inputTokens,
    a.output_tokens AS outputTokens, a.cost_usd AS costUsd
  FROM requests AS r JOIN attempts AS a ON a.request_id = r.id
  ORDER BY r.ts, r.rowid, a.seq`;

/** Every attempt of the ledger at `path`; throws when there is no readable ledger. */
export function readAttempts(path: string): readonly AttemptRow[] {
  using db = new DatabaseSync(path, { readOnly: true });
  return db.prepare(ATTEMPTS_SQL).all().map((row) => ({
    requestId: textAt(row, "requestId"),
    rule: textAt(row, "rule"),
    status: textAt(row, "status"),
    seq: countAt(row, "seq"),
    alias: textAt(row, "alias"),
    outcome: textAt(row, "outcome"),
    inputTokens: numberAt(row, "inputTokens"),
    outputTokens: numberAt(row, "outputTokens"),
    costUsd: numberAt(row, "costUsd"),
  }));
}
