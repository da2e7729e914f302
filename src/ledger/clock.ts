/** Time as the ledger needs it, so that a test can hold it in its hand. */

/** The time, and calls at a later one. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Calls `callback` once after so many milliseconds, unless the function it gives is called first. */
  schedule(callback: () => void, delayMs: number): () => void;
}

/** The clock of the machine. */
export const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  schedule(callback, delayMs) {
    const id = setTimeout(callback, delayMs);
    return () => clearTimeout(id);
  },
};
