/** The deadlines of one attempt. */

import type { UpstreamFault } from "../core/outcome.ts";

/** Why a `Watchdog` ended its attempt. */
type EndCause = { readonly type: "client" } | {
  readonly type: "deadline";
  readonly fault: UpstreamFault;
};

/** What did not come within so many milliseconds, and the key of the config that says how many. */
export function timeoutFault(what: string, limitMs: number, key?: string): UpstreamFault {
  const hint = key === undefined ? "" : ` (${key})`;
  const message = `no ${what} within ${Math.round(limitMs) / 1_000} s${hint}`;
  return { kind: "timeout", status: null, message };
}

/** An attempt that was ended from this side, or whose connection broke. */
export type Broken =
  | { readonly type: "fault"; readonly fault: UpstreamFault }
  | { readonly type: "cancelled" };

/**
 * Watches one attempt: ends it when the client leaves or when nothing happens for too long. The
 * timer is re-armed lazily: a read only notes the time, so that it costs nothing per chunk.
 */
export class Watchdog implements Disposable {
  readonly #controller = new AbortController();
  readonly #client: AbortSignal;
  readonly #onClientGone = () => this.#end({ type: "client" });
  #cause: EndCause | null = null;
  #isComplete = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isIdleLimit = false;
  #isWaiting = true;
  #limitMs = 0;
  #lateFault: UpstreamFault | null = null;
  #touchedAt = 0;

  /** Ends the attempt when this signal, the client's, aborts. */
  constructor(client: AbortSignal) {
    this.#client = client;
    if (client.aborted) this.#end({ type: "client" });
    else client.addEventListener("abort", this.#onClientGone, { once: true });
  }

  /** Aborts when the attempt must end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the protocol's end marker was seen. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Notes the protocol's end marker: what the connection still holds is no longer waited for. */
  complete(): void {
    this.#isComplete = true;
  }

  /** Allows `limitMs` milliseconds from now on, whatever happens; after them this is the fault. */
  limit(limitMs: number, lateFault: UpstreamFault): void {
    this.#isIdleLimit = false;
    this.#watch(limitMs, lateFault);
  }

  /** Allows `limitMs` milliseconds of silence at a time from now on. */
  limitSilence(limitMs: number, lateFault: UpstreamFault): void {
    this.#isIdleLimit = true;
    this.#watch(limitMs, lateFault);
  }

  /** Ends the attempt with this fault, which was found out by other means. */
  end(fault: UpstreamFault): void {
    this.#end({ type: "deadline", fault });
  }

  #watch(limitMs: number, lateFault: UpstreamFault): void {
    this.#limitMs = limitMs;
    this.#lateFault = lateFault;
    this.#touchedAt = performance.now();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), limitMs);
  }

  /** Notes that the upstream is waited for from now on; silence counts only then. */
  noteWait(): void {
    this.#isWaiting = true;
    if (this.#isIdleLimit) this.#touchedAt = performance.now();
  }

  /** Notes that something came. Until the next wait it is the client that takes its time. */
  noteArrival(): void {
    this.#isWaiting = false;
  }

  /** Why a read or a fetch failed: the client left, a deadline passed, or the connection broke. */
  explain(broken: UpstreamFault): Broken {
    if (this.#cause === null) return { type: "fault", fault: broken };
    if (this.#cause.type === "client") return { type: "cancelled" };
    return { type: "fault", fault: this.#cause.fault };
  }

  /** Stops watching; an attempt that is not complete is ended. */
  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#client.removeEventListener("abort", this.#onClientGone);
    if (!this.#isComplete) this.#controller.abort();
  }

  #check(): void {
    const isPaused = this.#isIdleLimit && !this.#isWaiting;
    const leftMs = isPaused ? this.#limitMs : this.#limitMs - (performance.now() - this.#touchedAt);
    if (leftMs > 1) {
      this.#timer = setTimeout(() => this.#check(), leftMs);
      return;
    }
    if (this.#lateFault !== null) this.end(this.#lateFault);
  }

  #end(cause: EndCause): void {
    this.#cause ??= cause;
    this.#controller.abort();
  }
}
