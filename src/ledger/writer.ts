/** Writes entries off the request's path: a bounded queue, written in batches, retried while the file is busy. */

import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import type { OpenResult } from "./file.ts";
import type { LedgerEntry, LedgerSink } from "./ledger.ts";
import { createWarner, type Warn, type Warner } from "./warner.ts";
import { startRetention } from "./retention.ts";
import type { LedgerStore } from "./sqlite.ts";

const QUEUE_LIMIT = 10_000;
const BATCH_SIZE = 500;
const FLUSH_DELAY_MS = 50;
const MAX_BACK_OFF_MS = 5_000;
const CLOSE_DEADLINE_MS = 2_000;

/** What a writer needs. */
export interface LedgerWriterOptions {
  readonly store: LedgerStore;
  /** Opens the file again after a failure that is more than a lock (disk full, read-only, I/O). */
  readonly reopen: () => OpenResult;
  /** Takes a sentence on what is wrong; called at most once a minute, and once when all is well again. */
  readonly warn: Warn;
  /** Days that rows are kept; null is for ever. */
  readonly retentionDays: number | null;
  /** The most entries that wait; 10,000 when absent. */
  readonly queueLimit?: number;
  readonly clock?: Clock;
}

/** How the writer is doing. */
export interface LedgerWriterState {
  readonly queued: number;
  readonly written: number;
  /** Entries that were lost: the queue was full, the entry could not be stored, or the writer was closed. */
  readonly dropped: number;
  /** Whether the last write failed; entries wait in memory. */
  readonly isDegraded: boolean;
  readonly lastError: string | null;
}

/** A sink with a queue behind it. */
export interface LedgerWriter extends LedgerSink {
  /** Writes what is queued now; resolves when that is done or a write failed, which `state` tells. */
  flush(): Promise<void>;
  /** Writes what is queued, trying for at most so many milliseconds (2,000 when absent), then closes the file. */
  close(deadlineMs?: number): Promise<void>;
  /** How it is doing. */
  state(): LedgerWriterState;
}

/**
 * Creates a writer. When its queue is full the newest entry is dropped and counted: what is kept stays
 * a complete sequence, and `record` stays one push.
 */
export function createLedgerWriter(options: LedgerWriterOptions): LedgerWriter {
  return new QueuedWriter(options);
}

class QueuedWriter implements LedgerWriter {
  readonly #options: LedgerWriterOptions;
  readonly #clock: Clock;
  readonly #warner: Warner;
  readonly #stopRetention: () => void;
  readonly #queue: LedgerEntry[] = [];
  #store: LedgerStore;
  #cancelTimer: (() => void) | null = null;
  #written = 0;
  #dropped = 0;
  #droppedTold = 0;
  #failures = 0;
  #lastError: string | null = null;
  #isClosed = false;

  constructor(options: LedgerWriterOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#warner = createWarner(options.warn, this.#clock);
    this.#stopRetention = startRetention({
      retentionDays: options.retentionDays,
      clock: this.#clock,
      deleteOlderThan: (cutoffMs, limit) => this.#store.deleteOlderThan(cutoffMs, limit),
    });
  }

  record(entry: LedgerEntry): void {
    if (this.#isClosed || this.#queue.length >= (this.#options.queueLimit ?? QUEUE_LIMIT)) {
      this.#dropped++;
      return;
    }
    this.#queue.push(entry);
    if (this.#cancelTimer === null) this.#scheduleWrite(FLUSH_DELAY_MS);
  }

  // Asynchronous in its contract, so that the work may move to another thread one day.
  flush(): Promise<void> {
    while (this.#queue.length > 0 && this.#writeBatch());
    return Promise.resolve();
  }

  async close(deadlineMs: number = CLOSE_DEADLINE_MS): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopRetention();
    this.#cancelTimer?.();
    const deadline = this.#clock.nowMs() + deadlineMs;
    await this.flush();
    while (this.#queue.length > 0 && this.#clock.nowMs() < deadline) {
      await new Promise<void>((resolve) => this.#clock.schedule(resolve, FLUSH_DELAY_MS));
      await this.flush();
    }
    this.#dropped += this.#queue.length;
    this.#queue.length = 0;
    this.#store.close();
  }

  state(): LedgerWriterState {
    return {
      queued: this.#queue.length,
      written: this.#written,
      dropped: this.#dropped,
      isDegraded: this.#failures > 0,
      lastError: this.#lastError,
    };
  }

  #scheduleWrite(delayMs: number): void {
    this.#cancelTimer = this.#clock.schedule(() => {
      this.#cancelTimer = null;
      const isWritten = this.#writeBatch();
      if (this.#queue.length === 0) return;
      // The next batch waits for its turn, so that requests are served between two.
      this.#scheduleWrite(isWritten ? 0 : this.#backOffMs());
    }, delayMs);
  }

  #backOffMs(): number {
    return Math.min(MAX_BACK_OFF_MS, FLUSH_DELAY_MS * 2 ** this.#failures);
  }

  /** Whether the oldest entries left the queue; false: they wait, try later. */
  #writeBatch(): boolean {
    const batch = this.#queue.slice(0, BATCH_SIZE);
    const result = this.#store.insertEntries(batch);
    if (!result.ok) {
      this.#noteFailure(result.message);
      return false;
    }
    this.#queue.splice(0, batch.length);
    this.#written += batch.length - result.rejected;
    this.#dropped += result.rejected;
    this.#noteSuccess();
    return true;
  }

  #noteFailure(message: string): void {
    this.#failures++;
    this.#lastError = message;
    this.#warner.tell(
      `The ledger can't be written: ${message}; entries waiting in memory: ${this.#queue.length}`,
    );
    if (!/locked|busy/.test(message)) this.#reopen();
  }

  #noteSuccess(): void {
    this.#failures = 0;
    this.#lastError = null;
    this.#warner.tellEnd("The ledger is written again");
    if (this.#dropped === this.#droppedTold) return;
    this.#warner.tell(
      `Entries that the ledger lost since the start, because its queue was full or they could not be stored: ${this.#dropped}`,
    );
    this.#droppedTold = this.#dropped;
  }

  #reopen(): void {
    const opened = this.#options.reopen();
    if (!opened.ok) return;
    this.#store.close();
    this.#store = opened.store;
    if (opened.warning !== null) this.#options.warn(opened.warning);
  }
}
