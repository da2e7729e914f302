/** An open ledger: its rows, written with the SQLite of the runtime. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { LedgerEntry } from "./ledger.ts";
import { DELETE_OLD, INSERT_ATTEMPT, INSERT_REQUEST } from "./schema.ts";

/**
 * How a write ended. `rejected` counts the entries that can't be stored, however often it is tried;
 * when `ok` is false nothing was written, and trying again makes sense.
 */
export type WriteResult =
  | { readonly ok: true; readonly rejected: number }
  | { readonly ok: false; readonly message: string };

/** An open ledger. Its methods are synchronous, as SQLite is. */
export interface LedgerStore {
  /** Writes the entries in one transaction. */
  insertEntries(entries: readonly LedgerEntry[]): WriteResult;
  /** Deletes at most `limit` requests that are older; gives how many, or null when it could not. */
  deleteOlderThan(cutoffMs: number, limit: number): number | null;
  /** Ends the use of the file. */
  close(): void;
}

/** The ledger in an open database that has its tables. */
export class SqliteStore implements LedgerStore {
  readonly #db: DatabaseSync;
  readonly #insertRequest: StatementSync;
  readonly #insertAttempt: StatementSync;
  readonly #deleteRequest: StatementSync;
  readonly #deleteOld: StatementSync;

  /** Prepares the statements. */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insertRequest = db.prepare(INSERT_REQUEST);
    this.#insertAttempt = db.prepare(INSERT_ATTEMPT);
    this.#deleteRequest = db.prepare("DELETE FROM requests WHERE id = ?");
    this.#deleteOld = db.prepare(DELETE_OLD);
  }

  /** See `LedgerStore`. */
  insertEntries(entries: readonly LedgerEntry[]): WriteResult {
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      const stored = entries.filter((entry) => this.#insertEntry(entry));
      this.#db.exec("COMMIT");
      return { ok: true, rejected: entries.length - stored.length };
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      return { ok: false, message: messageOf(error) };
    }
  }

  /** See `LedgerStore`. */
  deleteOlderThan(cutoffMs: number, limit: number): number | null {
    try {
      return Number(this.#deleteOld.run(cutoffMs, limit).changes);
    } catch (error) {
      if (error instanceof Error) return null;
      throw error;
    }
  }

  /** See `LedgerStore`. */
  close(): void {
    this.#db.close();
  }

  /** Whether the entry could be stored: one that can't be must not hold up the others. */
  #insertEntry({ request, attempts }: LedgerEntry): boolean {
    try {
      const { explanation, features, ...facts } = request;
      this.#insertRequest.run({
        ...facts,
        stream: request.stream ? 1 : 0,
        explanation: JSON.stringify(explanation),
        features: features === null ? null : JSON.stringify(features),
      });
      for (const attempt of attempts) {
        const judged = attempt.judged ? 1 : 0;
        this.#insertAttempt.run({ ...attempt, judged, requestId: request.id });
      }
      return true;
    } catch (error) {
      if (!/constraint|cannot be bound/.test(messageOf(error))) throw error;
      this.#deleteRequest.run(request.id);
      return false;
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
