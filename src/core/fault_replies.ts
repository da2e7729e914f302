/** What clients are told of the faults of upstreams. */

import type { FaultKind } from "./outcome.ts";

/** What a client is told of one kind of fault. */
export interface FaultReply {
  /** The status for the client; an upstream's own wins where `keeps` holds it. */
  readonly status: number;
  /** Upstream statuses that the client gets as they are. */
  readonly keeps?: readonly number[];
  /** `error.type` where the upstream gave none. */
  readonly type: string;
  /** `error.code` where the upstream gave none. */
  readonly code: string;
  /** Higher is more informative when several attempts failed. */
  readonly rank: number;
  /** The same request may succeed later. */
  readonly isTransient: boolean;
  /** What happened, for people and for the clients that decide by the text whether to retry. */
  readonly sentence: string;
}

const INVALID = { type: "invalid_request_error", isTransient: false } as const;
const SERVER = { type: "server_error", isTransient: true } as const;

/**
 * THE TABLE of faults as clients see them. Ranks: what the client itself can mend comes first, then
 * what passes with time, then what the user must set right.
 */
export const FAULT_REPLIES: Readonly<Record<FaultKind, FaultReply>> = {
  "context_overflow": {
    ...INVALID,
    status: 400,
    code: "context_length_exceeded",
    rank: 9,
    sentence: "the request is longer than the model's context window",
  },
  "bad_request": {
    ...INVALID,
    status: 400,
    keeps: [400, 422],
    code: "upstream_bad_request",
    rank: 8,
    sentence: "the upstream refused the request",
  },
  "too_large": {
    ...INVALID,
    status: 413,
    code: "request_too_large",
    rank: 8,
    sentence: "the request is too large for the upstream",
  },
  "content_filter": {
    ...INVALID,
    status: 400,
    code: "content_filter",
    rank: 8,
    sentence: "a content filter of the upstream refused the request",
  },
  "rate_limit": {
    status: 429,
    type: "rate_limit_error",
    code: "rate_limit_exceeded",
    rank: 7,
    isTransient: true,
    sentence: "the upstream's rate limit is reached",
  },
  overloaded: {
    ...SERVER,
    status: 503,
    code: "upstream_overloaded",
    rank: 6,
    sentence: "the upstream is overloaded",
  },
  "server_error": {
    ...SERVER,
    status: 502,
    code: "upstream_server_error",
    rank: 5,
    sentence: "the upstream failed (server_error)",
  },
  timeout: {
    ...SERVER,
    status: 504,
    code: "upstream_timeout",
    rank: 5,
    sentence: "the upstream did not answer in time (timeout)",
  },
  deadline: {
    ...SERVER,
    status: 504,
    code: "request_deadline",
    rank: 5,
    isTransient: false,
    sentence: "the client's own time limit for this request has run out (timeout); " +
      "raise it, or ask for a stream",
  },
  truncated: {
    ...SERVER,
    status: 502,
    code: "upstream_truncated",
    rank: 5,
    sentence: "the upstream's answer was cut off (server_error)",
  },
  malformed: {
    ...SERVER,
    status: 502,
    code: "upstream_malformed",
    rank: 4,
    sentence: "the upstream's answer breaks its protocol (server_error)",
  },
  empty: {
    ...SERVER,
    status: 502,
    code: "upstream_empty",
    rank: 4,
    sentence: "the upstream's answer was empty (server_error)",
  },
  quota: {
    status: 429,
    type: "insufficient_quota",
    code: "insufficient_quota",
    rank: 3,
    isTransient: false,
    sentence: "insufficient_quota: the credit or quota at the provider is used up",
  },
  auth: {
    ...INVALID,
    status: 401,
    type: "authentication_error",
    code: "upstream_auth",
    rank: 3,
    sentence: "the provider refused the configured API key",
  },
  permission: {
    ...INVALID,
    status: 403,
    type: "permission_error",
    code: "upstream_permission",
    rank: 3,
    sentence: "the configured API key may not use this model",
  },
  "not_found": {
    ...INVALID,
    status: 404,
    code: "model_not_found",
    rank: 3,
    sentence: "the provider does not know the model",
  },
  connect: {
    ...SERVER,
    status: 502,
    code: "upstream_connect",
    rank: 2,
    sentence: "the provider could not be reached (connection error)",
  },
  unsupported: {
    ...INVALID,
    status: 400,
    code: "unsupported",
    rank: 1,
    sentence: "the provider's API can't express this request",
  },
};
