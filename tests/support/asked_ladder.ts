/** One request to candidates that fail, and what became of it. */

import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { askFor, type Rung, withLadder } from "./cascade_case.ts";
import type { ExtraLines, Row } from "./daemon.ts";
import type { Got } from "./got.ts";
import { assertRecords } from "./invariants.ts";

/** What became of it. */
export interface AskedLadder {
  readonly got: Got;
  /** `alias:outcome`, in order. */
  readonly outcomes: readonly string[];
  /** The aliases whose upstreams were asked, in order. */
  readonly asked: readonly string[];
  readonly request: Row;
}

/**
 * Sends one request to these candidates. Fails when the response, the ledger and what the upstreams
 * have seen do not agree.
 */
export async function askLadder(
  rungs: readonly Rung[],
  options: {
    readonly stream: boolean;
    readonly extra?: ExtraLines;
    readonly fields?: JsonObject;
  },
): Promise<AskedLadder> {
  const { stream, extra, fields } = options;
  return await withLadder(rungs, async ({ upstreams, daemon }) => {
    const got = await askFor(daemon, stream, fields);
    const { requests: [request], attempts } = await daemon.ledger();
    const asked = rungs.flatMap(({ alias }, at) =>
      (upstreams[at]?.exchanges ?? []).map(() => alias)
    );
    const label = rungs.map(({ alias }) => alias).join(" → ");
    assertRecords({ label, request, attempts, asked });
    assert.ok(request !== undefined);
    assert.equal(request["http_status"], got.status, label);
    assert.equal(request["status"] === "ok", got.error === null, label);
    const outcomes = attempts.map((row) => `${row["alias"]}:${row["outcome"]}`);
    return { got, outcomes, asked, request };
  }, extra);
}
