/** How long scores take. */

import type { Router } from "./baselines.ts";

/** Microseconds for one ask of so many characters. */
export interface Latency {
  /** The lengths: from the one on to below the other. */
  readonly fromChars: number;
  readonly toChars: number;
  /** How many calls were measured. */
  readonly count: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** The times of asks of all lengths, as they come, and by length. */
export interface Latencies {
  readonly all: Latency;
  readonly bands: readonly Latency[];
}

/** What to measure with. */
export interface LatencyOptions {
  readonly asks: readonly string[];
  readonly nowMs: () => number;
}

const BANDS: readonly (readonly [number, number])[] = [
  [0, 50],
  [50, 150],
  [150, 500],
  [500, 1_000],
  [1_000, 2_000],
  [2_000, 4_000],
  [4_000, Infinity],
];

/** The length of an ask that is mostly a pasted file, and how many of them are measured. */
const HUGE_CHARS = 180_000;
const HUGE_COUNT = 200;

/** Huge asks begin so many characters apart. */
const HUGE_STEP = 997;

/** So many calls before the first measured one, since the first ones are interpreted. */
const WARM_CALLS = 10_000;

/**
 * Measures a router by single calls on every second ask, after warming it with the others, so that
 * no measured ask has been seen. Bands of lengths without an ask are left out; the last is of asks
 * of 180,000 characters that are put together from all.
 */
export function measureLatency(
  router: Router,
  { asks, nowMs }: LatencyOptions,
): Latencies {
  const [measured, warming] = [0, 1].map((rest) =>
    asks.filter((_, index) => asks.length < 2 || index % 2 === rest)
  );
  for (let call = 0; call < WARM_CALLS; call++) router(warming?.[call % warming.length] ?? "");
  const timeOf = (ask: string): number => {
    const start = nowMs();
    router(ask);
    return (nowMs() - start) * 1_000;
  };
  const timed = (measured ?? []).map((ask) => ({ length: ask.length, timeUs: timeOf(ask) }));
  const bandOf = ([fromChars, toChars]: readonly [number, number]): Latency => {
    const group = timed.filter(({ length }) => length >= fromChars && length < toChars);
    return { fromChars, toChars, ...summarise(group.map(({ timeUs }) => timeUs)) };
  };
  const huge = summarise(makeHuge(asks).map(timeOf));
  return {
    all: bandOf([0, Infinity]),
    bands: [
      ...BANDS.map(bandOf).filter(({ count }) => count > 0),
      { fromChars: HUGE_CHARS, toChars: HUGE_CHARS + 1, ...huge },
    ],
  };
}

function summarise(times: readonly number[]): Pick<Latency, "count" | "p50Us" | "p99Us"> {
  const sorted = times.toSorted((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { count: sorted.length, p50Us: quantile(0.5), p99Us: quantile(0.99) };
}

function makeHuge(asks: readonly string[]): readonly string[] {
  const once = asks.join("\n") + "\n";
  const needed = HUGE_CHARS + HUGE_COUNT * HUGE_STEP;
  const text = once.repeat(Math.ceil(needed / once.length));
  return Array.from(
    { length: HUGE_COUNT },
    (_, index) => text.slice(index * HUGE_STEP, index * HUGE_STEP + HUGE_CHARS),
  );
}
