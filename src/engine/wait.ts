/** Waiting for a cool-down to end. */

/** The share of a wait that is added at random, so that those who wait together don't come together. */
const SPREAD = 0.1;

/** Waits so many milliseconds and up to a tenth more, or until the signal aborts; how many it were. */
export function waitFor(waitMs: number, signal: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve(performance.now() - startedAt);
    };
    const timer = setTimeout(end, waitMs * (1 + SPREAD * Math.random()));
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}
