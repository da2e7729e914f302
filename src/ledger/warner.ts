/** Tells of a lasting problem without filling the log. */

import type { Clock } from "./clock.ts";

const QUIET_MS = 60_000;

/** Takes one sentence for people. */
export type Warn = (message: string) => void;

/** Passes problems on, at most one a minute. */
export interface Warner {
  /** There is a problem. */
  tell(problem: string): void;
  /** It is over; passed on when the problem was. */
  tellEnd(message: string): void;
}

/** Creates a warner in front of `warn`. */
export function createWarner(warn: Warn, clock: Clock): Warner {
  let lastMs = -Infinity;
  let isTold = false;
  return {
    tell(problem) {
      if (clock.nowMs() - lastMs < QUIET_MS) return;
      lastMs = clock.nowMs();
      isTold = true;
      warn(problem);
    },
    tellEnd(message) {
      if (!isTold) return;
      isTold = false;
      warn(message);
    },
  };
}
