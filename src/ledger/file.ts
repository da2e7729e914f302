/** The ledger's file: created, opened and migrated. */

import { DatabaseSync } from "node:sqlite";
import { dirname } from "node:path";
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from "./schema.ts";
import { type LedgerStore, SqliteStore } from "./sqlite.ts";

/** Opening may wait for another process's migration; a write may not: it blocks the event loop. */
const OPEN_TIMEOUT_MS = 2_000;
const WRITE_TIMEOUT_MS = 50;

/** An open ledger, or a sentence for people that says why not and what to do. */
export type OpenResult =
  | { readonly ok: true; readonly store: LedgerStore; readonly warning: string | null }
  | { readonly ok: false; readonly message: string };

/** What opening needs. */
export interface OpenOptions {
  readonly path: string;
  /** Milliseconds since 1970, for the name of a broken file that is moved aside. */
  readonly nowMs: number;
}

/**
 * Opens the ledger, creating the file (0600), its folder (0700) and its tables as needed. A file that
 * is no SQLite database is moved aside to `PATH.corrupt-<time>` and the result carries a warning.
 */
export function openLedger(options: OpenOptions): OpenResult {
  try {
    return { ok: true, store: openStore(options.path), warning: null };
  } catch (error) {
    if (!isCorrupt(error)) return { ok: false, message: explain(options.path, error) };
  }
  return replaceCorrupt(options);
}

function replaceCorrupt({ path, nowMs }: OpenOptions): OpenResult {
  const aside = `${path}.corrupt-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, "-")}`;
  try {
    Deno.renameSync(path, aside);
    for (const suffix of ["-wal", "-shm"]) renameIfPresent(path + suffix, aside + suffix);
    const warning = `The ledger "${path}" was not a readable SQLite database; ` +
      `it was moved to "${aside}" and a new one was started`;
    return { ok: true, store: openStore(path), warning };
  } catch (error) {
    return { ok: false, message: explain(path, error) };
  }
}

function renameIfPresent(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function openStore(path: string): LedgerStore {
  if (path !== ":memory:") createFile(path);
  const db = new DatabaseSync(path, { timeout: OPEN_TIMEOUT_MS });
  try {
    migrate(db);
    // https://www.sqlite.org/pragma.html#pragma_synchronous: NORMAL is consistent in WAL mode.
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA foreign_keys = ON; PRAGMA busy_timeout = ${WRITE_TIMEOUT_MS}`);
    return new SqliteStore(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite would create the file readable for all; -wal and -shm take their mode from it. */
function createFile(path: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  Deno.openSync(path, { create: true, write: true, mode: 0o600 }).close();
}

function migrate(db: DatabaseSync): void {
  if (readVersion(db) === SCHEMA_VERSION) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    // Read again: another process may have migrated while this one waited for the lock.
    const version = readVersion(db);
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

/** Reads a file's schema version, 0 for an empty one; throws when the file is not ours or too new. */
export function readVersion(db: DatabaseSync): number {
  const version = readInteger(db, "PRAGMA user_version");
  const tableCount = readInteger(db, "SELECT count(*) FROM sqlite_master");
  const isOurs = readInteger(db, "PRAGMA application_id") === APPLICATION_ID;
  if (!isOurs && tableCount > 0) {
    throw new LedgerFileError(
      "it is a database of another program; set ledger.path to another file",
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new LedgerFileError(
      `it was written by a newer pirouter (schema ${version}, this one knows ${SCHEMA_VERSION}); ` +
        "update pirouter or set ledger.path to another file",
    );
  }
  return version;
}

function readInteger(db: DatabaseSync, sql: string): number {
  const [value] = Object.values(db.prepare(sql).get() ?? {});
  return typeof value === "number" ? value : 0;
}

/** A file that SQLite can read, yet that can't be used; the message says why and what to do. */
class LedgerFileError extends Error {
  override readonly name = "LedgerFileError";
}

/** A sentence for people: which file, what is wrong with it, the next step. */
export function explain(path: string, error: unknown): string {
  const start = `Cannot open the ledger "${path}"`;
  if (error instanceof LedgerFileError) return `${start}: ${error.message}`;
  const reason = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
  return `${start}: ${reason}; check that its folder can be written, or set ledger.path to another file`;
}

/** Whether SQLite says that the file is no database at all, or a damaged one. */
function isCorrupt(error: unknown): boolean {
  return error instanceof Error && /not a database|malformed/.test(error.message);
}
