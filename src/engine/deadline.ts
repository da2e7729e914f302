/** The moment after which a whole answer comes too late for its client. */

import { answerLimitMs, type ClientLimit } from "../core/client_limit.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import { timeoutFault } from "../providers/watchdog.ts";

/** A moment after which an answer comes too late. */
export interface Deadline {
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  /** What an attempt that runs into it ends with. */
  readonly fault: UpstreamFault;
}

/** The deadline of a request that came at `startedAt`; null when its client doesn't say. */
export function createDeadline(limit: ClientLimit | null, startedAt: number): Deadline | null {
  if (limit === null) return null;
  const message = `the client waits ${limit.limitMs / 1_000} s (${limit.header})`;
  return {
    at: startedAt + answerLimitMs(limit),
    fault: { kind: "deadline", status: null, message, isOurs: true },
  };
}

/** Milliseconds until the deadline; without one they never end. */
export function leftMsOf(deadline: Deadline | null): number {
  return deadline === null ? Infinity : deadline.at - performance.now();
}

/** The share of the time that is left which a candidate gets while others stand behind it. */
const SHARE = 0.6;

/** Milliseconds of silence for which a model is to blame, however little its client would have waited. */
const BLAME_MS = 120_000;

/** The deadline of an attempt that may not use up all the time: its time-out leads to the next candidate. */
export function shareDeadline(deadline: Deadline): Deadline {
  const leftMs = Math.max(0, leftMsOf(deadline)) * SHARE;
  const isOurs = leftMs < BLAME_MS;
  return { at: performance.now() + leftMs, fault: { ...timeoutFault("answer", leftMs), isOurs } };
}
