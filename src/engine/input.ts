/** What a run starts from. */

import type { ChatRequest } from "../core/chat.ts";
import type { ClientLimit } from "../core/client_limit.ts";
import type { Features } from "../core/features.ts";
import type { RoutePlan, RouteTable } from "../core/plan.ts";
import type { LedgerSink } from "../ledger/ledger.ts";
import type { RequestClock } from "./entry.ts";
import type { Snapshot } from "./snapshot.ts";

/** A request that was routed. */
export interface RunInput {
  readonly requestId: string;
  readonly request: ChatRequest;
  readonly features: Features;
  readonly plan: RoutePlan;
  /** What the plan was made from. */
  readonly table: RouteTable;
  /** The key of its conversation; null: it can't be recognised. */
  readonly conversation: string | null;
  readonly snapshot: Snapshot;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  /** Aborts when the daemon can wait no longer. */
  readonly closing: AbortSignal;
  readonly ledger: LedgerSink;
  /** How long the client waits for its response; null when it doesn't say. */
  readonly clientLimit: ClientLimit | null;
  readonly clock: RequestClock;
  /** Whether the client has been given a head (status 200) before the run had an event for it. */
  readonly isHeadSent: () => boolean;
}
