/** Requests that run on a snapshot without a server, so that a test sees what it learns of them. */

import { parseConfig } from "../../src/config/load.ts";
import type { Model } from "../../src/core/catalog.ts";
import type { RunEvent } from "../../src/engine/presenter.ts";
import { runRoute } from "../../src/engine/run.ts";
import { createSnapshot, type Snapshot, type SnapshotOptions } from "../../src/engine/snapshot.ts";
import type { LedgerSink } from "../../src/ledger/ledger.ts";
import { buildFeatures, buildRequest } from "./models.ts";

/** Builds the snapshot of a config that is right. */
export async function snapshotOf(toml: string, options: SnapshotOptions = {}): Promise<Snapshot> {
  const parsed = await parseConfig(toml, { file: "x", env: () => undefined, now: new Date() });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return createSnapshot(parsed.config, options);
}

const NO_LEDGER: LedgerSink = { record: () => {} };

/** What differs from a stream of one model that nobody keeps. */
export interface StreamOptions {
  /** Gets the ledger's entry. */
  readonly ledger?: LedgerSink;
  /** The candidates after it. */
  readonly others?: readonly Model[];
}

/** Asks this model for a stream. */
export function streamFrom(
  snapshot: Snapshot,
  model: Model,
  { ledger = NO_LEDGER, others = [] }: StreamOptions = {},
): AsyncGenerator<RunEvent, void, void> {
  const request = buildRequest("hi", { "stream": true });
  return runRoute({
    requestId: "r",
    request,
    features: buildFeatures(request),
    plan: {
      candidates: [model, ...others].map((each, rank) => (
        { model: each, expectedCostUsd: null, caution: null, cooldown: null, rank }
      )),
      ruleName: "test",
      reasons: [],
      rejected: [],
    },
    table: snapshot.routes,
    conversation: null,
    snapshot,
    signal: new AbortController().signal,
    closing: new AbortController().signal,
    ledger,
    clientLimit: null,
    clock: { ts: 1, startedAt: performance.now() },
    isHeadSent: () => false,
  });
}
