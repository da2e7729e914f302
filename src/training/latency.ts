/** How long scores take. */

import type { Router } from "./baselines.ts";

/** Microseconds for one ask. */
export interface Latency {
  readonly p50Us: number;
  readonly p99Us: number;
  /** For one ask of `HUGE_CHARS`. */
  readonly hugeUs: number;
}

/** The length of an ask that is mostly a pasted file. */
export const HUGE_CHARS = 180_000;

/** A run's time is the mean of so many, since clocks are coarse. */
const REPEATS = 5;

/** Measures a router on asks; those of few characters are left out, as hardly anything to do. */
export function measureLatency(
  router: Router,
  asks: readonly string[],
  nowMs: () => number,
): Latency {
  const timeOf = (ask: string, repeats: number): number => {
    const start = nowMs();
    for (let repeat = 0; repeat < repeats; repeat++) router(ask);
    return (nowMs() - start) * 1_000 / repeats;
  };
  const huge = asks.join("\n").slice(0, HUGE_CHARS);
  // Warm up: the first runs are interpreted.
  for (const ask of asks) router(ask);
  const times = asks.map((ask) => timeOf(ask, REPEATS)).sort((a, b) => a - b);
  const quantile = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
  timeOf(huge, 100);
  return { p50Us: quantile(0.5), p99Us: quantile(0.99), hugeUs: timeOf(huge, 500) };
}
