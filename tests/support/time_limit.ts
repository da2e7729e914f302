/** Limits of time on a machine that may be busy with something else. */

import assert from "node:assert/strict";

/** What must be quick. */
export interface TimeLimit {
  readonly what: string;
  readonly limitMs: number;
  /** How often it is measured at most; twice unless it says otherwise. */
  readonly tries?: number;
}

/** Fails unless one of the tries takes less than the limit: chance makes a time longer, never shorter. */
export async function assertQuick(
  { what, limitMs, tries = 2 }: TimeLimit,
  measureMs: () => Promise<number>,
): Promise<void> {
  const times: number[] = [];
  while (times.length < tries) {
    const ms = await measureMs();
    if (ms < limitMs) return;
    times.push(Math.round(ms * 10) / 10);
  }
  assert.fail(`${what} took ${times.join(", then ")} ms, not less than ${limitMs} ms`);
}
