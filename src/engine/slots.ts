/** How many requests a provider may have in flight, and who waits for one to end. */

import type { UpstreamFault } from "../core/outcome.ts";
import { type Deadline, leftMsOf } from "./deadline.ts";

/** The most requests that wait for one provider. */
const MAX_WAITING = 256;

/** Gives up its slot; calling it again does nothing. */
export type ReleaseSlot = () => void;

/** A slot, or why there is none. */
export type SlotResult =
  | { readonly type: "slot"; readonly release: ReleaseSlot }
  | { readonly type: "late"; readonly fault: UpstreamFault }
  | { readonly type: "full" }
  | { readonly type: "cancelled" };

/** The slots of one provider; requests get them in the order in which they came. */
export class Slots {
  /** The most requests in flight; null: any number. */
  readonly limit: number | null;
  readonly #waiting: Set<() => void> = new Set();
  #taken = 0;

  /** `limit` requests at once; null is unlimited. */
  constructor(limit: number | null) {
    this.limit = limit;
  }

  /** The requests that are in flight. */
  get takenCount(): number {
    return this.#taken;
  }

  /** The requests that wait for one of those to end. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Waits for a slot until the signal aborts or the deadline comes; `full` when too many wait already. */
  async take(signal: AbortSignal, deadline: Deadline | null = null): Promise<SlotResult> {
    if (signal.aborted) return { type: "cancelled" };
    if (this.limit === null || this.#taken < this.limit) {
      this.#taken++;
      return { type: "slot", release: this.#createRelease() };
    }
    if (this.#waiting.size >= MAX_WAITING) return { type: "full" };
    const end = await this.#wait(signal, deadline);
    return end === "handed over" ? { type: "slot", release: this.#createRelease() } : end;
  }

  #wait(signal: AbortSignal, deadline: Deadline | null): Promise<"handed over" | SlotResult> {
    return new Promise((resolve) => {
      const timer = deadline === null
        ? undefined
        : setTimeout(() => settle({ type: "late", fault: deadline.fault }), leftMsOf(deadline));
      const settle = (end: "handed over" | SlotResult) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", leave);
        this.#waiting.delete(wake);
        resolve(end);
      };
      const wake = () => settle("handed over");
      const leave = () => settle({ type: "cancelled" });
      this.#waiting.add(wake);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  #createRelease(): ReleaseSlot {
    let isHeld = true;
    return () => {
      if (isHeld) this.#handOver();
      isHeld = false;
    };
  }

  /** Gives the slot to who waits longest, without letting anyone in between. */
  #handOver(): void {
    const [wake] = this.#waiting;
    if (wake === undefined) {
      this.#taken--;
      return;
    }
    wake();
  }
}
