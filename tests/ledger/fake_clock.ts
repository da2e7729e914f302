/** A clock that a test moves by hand. */

import type { Clock } from "../../src/ledger/clock.ts";

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Time stands still until `advance` is called. */
export class FakeClock implements Clock {
  #nowMs = Date.UTC(2026, 0, 2);
  #timers: readonly Timer[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  schedule(callback: () => void, delayMs: number): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers = [...this.#timers, timer].sort((a, b) => a.atMs - b.atMs);
    return () => this.#remove(timer);
  }

  /** Milliseconds until the next call, or null when nothing is scheduled. */
  get nextDelayMs(): number | null {
    const [first] = this.#timers;
    return first === undefined ? null : first.atMs - this.#nowMs;
  }

  /** Moves the time, calling what is due on the way. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#timers[0]; next !== undefined && next.atMs <= endMs;) {
      this.#remove(next);
      this.#nowMs = next.atMs;
      next.callback();
      next = this.#timers[0];
    }
    this.#nowMs = endMs;
  }

  #remove(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }
}
