/** Reads a ledger without changing it, also while a daemon writes. */

import { DatabaseSync } from "node:sqlite";
import { explain, readVersion } from "./file.ts";

/** Waiting is fine here: nobody else's request waits with us. */
const READ_TIMEOUT_MS = 2_000;

/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** What was read, or a sentence for people that says why nothing was. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly isMissing: boolean; readonly message: string };

/** How a ledger is read. */
export interface Reader<T> {
  /** What a file holds that a daemon has just created, before its tables. */
  readonly empty: T;
  /** Reads one moment of the ledger: all of it runs in one transaction. */
  read(db: DatabaseSync): T;
}

/** Reads the ledger at `path`, of this schema or an older one; a file that does not exist is told, not created. */
export function readLedger<T>(path: string, reader: Reader<T>): Reading<T> {
  if (!isFile(path)) {
    const message = `There is no ledger at "${path}" yet: the daemon creates it when it starts`;
    return { ok: false, isMissing: true, message };
  }
  try {
    using db = new DatabaseSync(path, { readOnly: true, timeout: READ_TIMEOUT_MS });
    if (readVersion(db) === 0) return { ok: true, value: reader.empty };
    db.exec("BEGIN");
    const value = reader.read(db);
    db.exec("COMMIT");
    return { ok: true, value };
  } catch (error) {
    return { ok: false, isMissing: false, message: explain(path, error) };
  }
}

/**
 * The rows of what the daemon starts from, and can do without: none when the ledger can't be read, or
 * has not got these columns yet.
 */
export function readRows(path: string, sql: string): readonly Row[] {
  try {
    using db = new DatabaseSync(path, { readOnly: true });
    return db.prepare(sql).all();
  } catch (error) {
    if (error instanceof Error) return [];
    throw error;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    if (error instanceof Error) return true;
    throw error;
  }
}

/** The column's number; null when it has none, or the ledger no such column. */
export function numberAt(row: Row, name: string): number | null {
  const value = row[name];
  return typeof value === "number" ? value : null;
}

/** The column's number; 0 when it has none. */
export function countAt(row: Row, name: string): number {
  return numberAt(row, name) ?? 0;
}

/** Whether the column has a number other than 0; null when it has none, or the ledger no such column. */
export function flagAt(row: Row, name: string): boolean | null {
  const value = numberAt(row, name);
  return value === null ? null : value !== 0;
}

/** The column's text; "" when it has none. */
export function textAt(row: Row, name: string): string {
  return optionalTextAt(row, name) ?? "";
}

/** The column's text; null when it has none, or the ledger no such column. */
export function optionalTextAt(row: Row, name: string): string | null {
  const value = row[name];
  return typeof value === "string" ? value : null;
}
