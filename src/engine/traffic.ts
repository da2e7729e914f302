/** Whether a provider's pool may hold connections that the provider is just closing. */

/** Milliseconds that an idle connection is kept. */
export const POOL_IDLE_MS = 60_000;

/** Milliseconds within which a connection that was closed already shows that: a round trip, and more. */
const STALE_MS = 1_000;

/** Where the time comes from. */
export interface TrafficSources {
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** What was heard of one provider lately. */
export class Traffic {
  readonly #now: () => number;
  #repliedAt: number | null = null;

  /** Nothing was heard yet. */
  constructor(sources: TrafficSources = {}) {
    this.#now = sources.now ?? (() => performance.now());
  }

  /** Notes that a response's head came: its connection may be used again. */
  noteReply(): void {
    this.#repliedAt = this.#now();
  }

  /** Notes that a connection broke: the others of the pool are not taken for sound any more. */
  noteBreak(): void {
    this.#repliedAt = null;
  }

  /** Whether a head came so lately that its connection may be in the pool still. */
  get isRecent(): boolean {
    return this.#repliedAt !== null && this.#now() - this.#repliedAt < POOL_IDLE_MS;
  }

  /** Whether a request of `sentAt` that has just lost its connection may have got one of the pool. */
  mayBeStale(sentAt: number): boolean {
    if (this.#repliedAt === null || sentAt - this.#repliedAt > POOL_IDLE_MS) return false;
    return this.#now() - sentAt < STALE_MS;
  }
}
