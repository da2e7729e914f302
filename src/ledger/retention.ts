/** Deletes what is older than the user wants to keep, a little at a time. */

import type { Clock } from "./clock.ts";

const DAY_MS = 86_400_000;
const BATCH_SIZE = 500;
/** From the start of the daemon, which has better things to do first. */
const FIRST_DELAY_MS = 1_000;
/** Between two batches, so that requests are served in between. */
const NEXT_BATCH_DELAY_MS = 50;
/** After the file was busy. */
const RETRY_DELAY_MS = 60_000;

/** What retention needs. */
export interface RetentionOptions {
  /** Null: everything is kept, and nothing is ever scheduled. */
  readonly retentionDays: number | null;
  readonly clock: Clock;
  /** Deletes at most `limit` older requests; gives how many, or null when it could not. */
  deleteOlderThan(cutoffMs: number, limit: number): number | null;
}

/** Starts deleting: soon, then once a day. Gives the function that ends it. */
export function startRetention(options: RetentionOptions): () => void {
  const { retentionDays, clock } = options;
  if (retentionDays === null) return () => undefined;
  const run = (): void => {
    const deleted = options.deleteOlderThan(clock.nowMs() - retentionDays * DAY_MS, BATCH_SIZE);
    cancel = clock.schedule(run, nextDelayMs(deleted));
  };
  let cancel = clock.schedule(run, FIRST_DELAY_MS);
  return () => cancel();
}

function nextDelayMs(deleted: number | null): number {
  if (deleted === null) return RETRY_DELAY_MS;
  return deleted < BATCH_SIZE ? DAY_MS : NEXT_BATCH_DELAY_MS;
}
