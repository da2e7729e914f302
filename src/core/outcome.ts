/** How an attempt can end: closed unions, switched exhaustively. */

/** What kind of fault an upstream showed, in the field's terms. */
export const FAULT_KINDS = [
  "connect", // refused, reset, DNS, TLS
  "timeout", // no headers, no first token, or silence for too long
  "rate_limit", // 429
  "quota", // out of credit: not the same as a rate limit
  "overloaded", // 503, 529
  "server_error", // other 5xx, 408
  "auth", // 401
  "permission", // 403
  "not_found", // 404
  "bad_request", // 400, 422: the upstream refuses this request
  "too_large", // 413
  "context_overflow", // more tokens than the model's window
  "content_filter", // refused by a safety filter
  "unsupported", // the dialect can't say what the request asks for; nothing was sent
  "empty", // an end marker, but no answer
  "malformed", // not what the protocol allows
  "truncated", // no end marker
  "deadline", // the client's own time for its request has run out
] as const;

/** What kind of fault an upstream showed. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault of one attempt, as its dialect tells it; `cleanFault` makes its texts safe to show. */
export interface UpstreamFault {
  readonly kind: FaultKind;
  /** The upstream's HTTP status, or null when there was none (or it was 200). */
  readonly status: number | null;
  /** The upstream's own sentence where it gave one, else ours. */
  readonly message: string;
  /** The upstream's `error.type`, `error.code` and `error.param` where it gave them. */
  readonly type?: string | null;
  readonly code?: string | null;
  readonly param?: string | null;
  /** A field of the request that this model does not take and that can be left out. */
  readonly refusedField?: string;
  /** Whether it is the field's value that is refused, and another one may be taken. */
  readonly isValueRefused?: boolean;
  /** Milliseconds that the upstream asks us to wait; null when it doesn't say. */
  readonly retryAfterMs?: number | null;
  /**
   * Whether an idle connection may have been closed just as it was used: the upstream did nothing
   * wrong, and is asked again at once.
   */
  readonly isStale?: boolean;
  /** Whether the upstream is not to blame: pirouter itself refused, or its client waits but shortly. */
  readonly isOurs?: boolean;
}

/** Why an answer was judged weak. */
export type WeakReason = "short" | "marker";

/** How one attempt ended. */
export type AttemptOutcome =
  | { readonly type: "answered" }
  | {
    readonly type: "weak";
    readonly reason: WeakReason;
    readonly textLength: number;
    /** Whether all of the answer is there, so that it can still be served. */
    readonly isWhole: boolean;
  }
  | { readonly type: "fault"; readonly fault: UpstreamFault }
  | { readonly type: "cancelled" };

/** The kind of fault that an HTTP status alone tells. */
export function faultKindOfStatus(status: number): FaultKind {
  const exact = STATUS_KINDS.get(status);
  if (exact !== undefined) return exact;
  return status >= 500 ? "server_error" : "bad_request";
}

const STATUS_KINDS: ReadonlyMap<number, FaultKind> = new Map<number, FaultKind>([
  [401, "auth"],
  [402, "quota"],
  [403, "permission"],
  [404, "not_found"],
  [408, "server_error"],
  [413, "too_large"],
  [429, "rate_limit"],
  [503, "overloaded"],
  [529, "overloaded"],
]);
