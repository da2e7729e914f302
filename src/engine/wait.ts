/** Waiting for a cool-down to end. */

/** Waits so many milliseconds, or until the signal aborts; how many it were. */
export function waitFor(waitMs: number, signal: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve(performance.now() - startedAt);
    };
    const timer = setTimeout(end, waitMs);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}
