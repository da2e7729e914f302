/** What the ledger keeps of a request: numbers and names, never a prompt or an answer. */

import type { PriceSource } from "../core/catalog.ts";
import type { Explanation } from "../core/explain.ts";
import type { JsonObject } from "../core/json.ts";
import type { FaultKind } from "../core/outcome.ts";
import type { UsageSource } from "../core/usage.ts";

/** How a request ended for its client. */
export type RequestStatus = "ok" | "error" | "exhausted" | "cancelled";

/** How an attempt ended. */
export type AttemptResult = "ok" | "weak_short" | "weak_marker" | "cancelled" | FaultKind;

/** One attempt of one candidate. Times are milliseconds, costs US dollars; null is unknown. */
export interface AttemptRecord {
  /** 1 for the first. */
  readonly seq: number;
  readonly alias: string;
  readonly provider: string;
  readonly modelId: string;
  readonly outcome: AttemptResult;
  /** Whether a weakness check has judged its answer. */
  readonly judged: boolean;
  /** The upstream's HTTP status; null when there was none. */
  readonly httpStatus: number | null;
  /** The upstream's own `error.code` or `error.type`, when it is an identifier; never its message. */
  readonly errorCode: string | null;
  /** Names of what of the request the upstream was not told, separated by ", "; null: nothing. */
  readonly dropped: string | null;
  /** How long the request waited before it for a cool-down to end. */
  readonly waitedMs: number;
  /** Since the request came, when it was sent. */
  readonly startedMs: number;
  /** Since the request came, when its answer began to reach the client; null: none of it did. */
  readonly committedMs: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly cacheWriteTokens: number | null;
  readonly reasoningTokens: number | null;
  /** Who counted the tokens; null when nothing was used. */
  readonly usageSource: UsageSource | null;
  readonly costUsd: number | null;
  /** Where the price comes from; null when it is unknown or nothing was used. */
  readonly costSource: PriceSource | null;
  readonly latencyMs: number;
  /** From sending the request to the first token; null when none came. */
  readonly ttftMs: number | null;
  /** The upstream's own id of its answer, to ask its vendor about. */
  readonly upstreamId: string | null;
}

/** One request of a client. */
export interface RequestRecord {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly ts: number;
  /** What the client's `model` said. */
  readonly requestedModel: string;
  /** The rule that decided, or `policy:<profile>`, `header`, `model`; else the endpoint: `embeddings`, `completions`. */
  readonly routeRule: string;
  readonly difficulty: string;
  /** 0 is easiest, 1 hardest; null where the difficulty was not judged. */
  readonly difficultyScore: number | null;
  /** "" when no model could take it. */
  readonly primaryModel: string;
  /** Null when no candidate's answer reached the client whole. */
  readonly finalModel: string | null;
  readonly status: RequestStatus;
  /** The HTTP status that the client got; 499 when it left before one. */
  readonly httpStatus: number;
  readonly stream: boolean;
  /** Sums over the attempts; the cost is null as soon as one used attempt's cost is. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly costUsd: number | null;
  readonly latencyMs: number;
  /** To the first token that the client of a stream got; null when it got none, or a whole answer. */
  readonly ttftMs: number | null;
  readonly explanation: Explanation;
  /** What the decision was made from; null where nothing was decided. See `recordDecision`. */
  readonly features: JsonObject | null;
}

/** A request with its attempts: one row of `requests`, one of `attempts` each. */
export interface LedgerEntry {
  readonly request: RequestRecord;
  readonly attempts: readonly AttemptRecord[];
}

/** Where entries go. `record` never waits and never throws. */
export interface LedgerSink {
  record(entry: LedgerEntry): void;
}
