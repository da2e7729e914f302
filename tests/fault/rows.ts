/** THE TABLE of what must be survived, and what then happens; every test of this folder names its row. */

/** The parts of the table, in the order in which they are printed. */
export const FAULT_PARTS = [
  "Cancellation, stalls, stream end",
  "Framing",
  "Upstream faults",
] as const;

/** A part of the table. */
export type FaultPart = (typeof FAULT_PARTS)[number];

/** One row: what happens to pirouter, and what its client then sees. */
export interface FaultRow {
  readonly part: FaultPart;
  readonly situation: string;
  readonly outcome: string;
}

const CANCELLATION = { part: "Cancellation, stalls, stream end" } as const;
const FRAMING = { part: "Framing" } as const;
const UPSTREAM = { part: "Upstream faults" } as const;

/** THE TABLE of rows by their names. */
export const FAULT_ROWS = {
  "leave-before-headers": {
    ...CANCELLATION,
    situation: "the client leaves before the upstream's headers",
    outcome: "the upstream sees it in < 100 ms, nothing else starts, the ledger says cancelled",
  },
  "leave-before-token": {
    ...CANCELLATION,
    situation: "the client leaves between headers and the first token",
    outcome: "as above",
  },
  "leave-mid-stream": {
    ...CANCELLATION,
    situation: "the client leaves in the middle of the answer",
    outcome: "as above, with the tokens that were used",
  },
  "leave-second-attempt": {
    ...CANCELLATION,
    situation: "the client leaves during the second attempt",
    outcome: "as above, with both attempts",
  },
  "leave-while-waiting": {
    ...CANCELLATION,
    situation: "the client leaves while its request waits (for a slot, for a cool-down to end)",
    outcome: "the wait ends, no upstream is asked",
  },
  "silent-upstream": {
    ...CANCELLATION,
    situation: "no headers, or no token after them",
    outcome: "the first-token deadline, then the next candidate",
  },
  "stalled-stream": {
    ...CANCELLATION,
    situation: "silence after some tokens; any byte counts as a sign of life",
    outcome: "the idle deadline, one error event, no [DONE]",
  },
  "slow-but-healthy": {
    ...CANCELLATION,
    situation: "a slow local model: a late first token, then few tokens a second",
    outcome: "is not ended: streams have no deadline in total",
  },
  "closed-mid-answer": {
    ...CANCELLATION,
    situation: "the upstream closes within an answer, chunked or close-delimited",
    outcome: "truncated: the next candidate before the commit, one error event after it",
  },
  "nothing-said": {
    ...CANCELLATION,
    situation: "a 200 without events, with a role, pings, reasoning or empty content alone",
    outcome: "a fault before the commit; null content with tool calls is an answer",
  },
  "error-event": {
    ...CANCELLATION,
    situation: "an error event before or after the first content",
    outcome: "before: the next candidate, or the real status; after: one error event, no replay",
  },
  "normal-end": {
    ...CANCELLATION,
    situation: "a normal end, and data after it",
    outcome: "one [DONE], the upstream is not cancelled, nothing on stderr, the rest ignored",
  },
  "split-anywhere": {
    ...FRAMING,
    situation: "every stream split at every byte offset, in all dialects",
    outcome: "the same answer; no broken characters",
  },
  "line-ends": {
    ...FRAMING,
    situation: "LF, CRLF, CR and mixed; a BOM; data:x; data in several lines; comments and pings",
    outcome: "the same answer",
  },
  "marks-in-text": {
    ...FRAMING,
    situation: "`data: ` and `[DONE]` within JSON text",
    outcome: "intact",
  },
  "huge-line": {
    ...FRAMING,
    situation: "an 8 MB line; one over the cap",
    outcome: "linear time; malformed, and the socket is closed",
  },
  "not-a-stream": {
    ...FRAMING,
    situation: "HTML, or JSON, where a stream was asked for",
    outcome: "JSON is converted, anything else is malformed and never forwarded as text",
  },
  "ollama-lines": {
    ...FRAMING,
    situation: "NDJSON with an error after tokens, with tool calls in any line, all of index 0",
    outcome: "an error event; distinct tool calls with their own indices",
  },
  "compressed": {
    ...FRAMING,
    situation: "gzip on answers and errors; gzip that is broken",
    outcome: "decoded once, no stale headers; a fault",
  },
  "tool-deltas": {
    ...FRAMING,
    situation: "tool-call deltas without names, ids or indices, and interleaved ones",
    outcome: "valid deltas and finish_reason tool_calls",
  },
  "usage-chunks": {
    ...FRAMING,
    situation: "a usage chunk with empty choices; no usage at all",
    outcome: "always asked for, hidden from a client that did not ask, estimated where absent",
  },
  "lying-lengths": {
    ...FRAMING,
    situation: "a content-length that is too long or too short, a broken chunk size",
    outcome: "a fault, never a silent partial",
  },
  "rate-limit": {
    ...UPSTREAM,
    situation: "429 with Retry-After as seconds, a date, garbage, or huge",
    outcome: "the next candidate at once; a single one waits within a cap; the provider cools down",
  },
  "cool-down": {
    ...UPSTREAM,
    situation: "a provider or model that has just failed",
    outcome: "is skipped with the reason shown, then probed by one request",
  },
  "server-errors": {
    ...UPSTREAM,
    situation: "500, 502, 503, 529",
    outcome: "the next candidate",
  },
  "no-connection": {
    ...UPSTREAM,
    situation: "refused, reset, unknown host, TLS, no answer to the connection",
    outcome: "the next candidate",
  },
  "final-errors": {
    ...UPSTREAM,
    situation: "400, 401, 403, 404, 422",
    outcome: "no fallback, status and code kept",
  },
  "context-overflow": {
    ...UPSTREAM,
    situation: "the request exceeds the model's context window",
    outcome: "the next candidate with a larger window",
  },
  "hidden-errors": {
    ...UPSTREAM,
    situation: "200 with an error body, HTML, nothing, null, no choices",
    outcome: "a fault, the next candidate",
  },
  "endless-error": {
    ...UPSTREAM,
    situation: "an error body of 1 GB",
    outcome: "read to its cap",
  },
  "all-fail": {
    ...UPSTREAM,
    situation: "every candidate fails",
    outcome: "one error that names every attempt, with the most informative status",
  },
  "all-weak": {
    ...UPSTREAM,
    situation: "every answer is weak",
    outcome: "the best one is served",
  },
  "every-second-call": {
    ...UPSTREAM,
    situation: "a provider that fails every second call, 1,000 requests",
    outcome: "all answered, each attempt recorded once, no pause before another provider",
  },
  "fault-at-attempt-n": {
    ...UPSTREAM,
    situation: "a fault at attempt 1 to 5, of every kind",
    outcome: "the invariants hold",
  },
  "chaos": {
    ...UPSTREAM,
    situation: "random faults, departures and splits for a minute, from a printed seed",
    outcome: "the invariants hold",
  },
} as const satisfies Readonly<Record<string, FaultRow>>;

/** The name of a row. */
export type FaultRowName = keyof typeof FAULT_ROWS;
