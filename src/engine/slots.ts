/** How many requests a provider may have in flight, and who waits for one to end. */

/** The most requests that wait for one provider. */
const MAX_WAITING = 256;

/** Gives up its slot; calling it again does nothing. */
export type ReleaseSlot = () => void;

/** A slot, or why there is none. */
export type SlotResult =
  | { readonly type: "slot"; readonly release: ReleaseSlot }
  | { readonly type: "full" }
  | { readonly type: "cancelled" };

/** The slots of one provider; requests get them in the order in which they came. */
export class Slots {
  readonly #limit: number;
  readonly #waiting: Set<() => void> = new Set();
  #taken = 0;

  /** `limit` requests at once; null is unlimited. */
  constructor(limit: number | null) {
    this.#limit = limit ?? Infinity;
  }

  /** Waits for a slot until the signal aborts; `full` when too many wait already. */
  async take(signal: AbortSignal): Promise<SlotResult> {
    if (signal.aborted) return { type: "cancelled" };
    if (this.#taken < this.#limit) {
      this.#taken++;
      return { type: "slot", release: this.#createRelease() };
    }
    if (this.#waiting.size >= MAX_WAITING) return { type: "full" };
    const isHandedOver = await this.#wait(signal);
    if (!isHandedOver) return { type: "cancelled" };
    return { type: "slot", release: this.#createRelease() };
  }

  #wait(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", leave);
        resolve(true);
      };
      const leave = () => {
        this.#waiting.delete(wake);
        resolve(false);
      };
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
    this.#waiting.delete(wake);
    wake();
  }
}
