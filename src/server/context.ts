/** What every handler is given. */

import type { Snapshot } from "../engine/snapshot.ts";
import type { LedgerSink } from "../ledger/ledger.ts";
import type { Log } from "../log.ts";

/** How the ledger does, for `/readyz`. */
export interface LedgerHealth {
  readonly isDegraded: boolean;
  /** Entries that were lost because the queue was full. */
  readonly droppedCount: number;
}

/** The daemon as its handlers see it. */
export interface ServerContext {
  /** The configuration that new requests are served with. */
  readonly snapshot: () => Snapshot;
  readonly ledger: LedgerSink;
  readonly ledgerHealth: () => LedgerHealth;
  readonly log: Log;
  /** Seconds since 1970 when the daemon started. */
  readonly startedAt: number;
  /** Aborts when the daemon can wait no longer for its streams. */
  readonly closing: AbortSignal;
}
