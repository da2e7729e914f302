import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openLedger } from "../../src/ledger/file.ts";
import { SCHEMA_VERSION } from "../../src/ledger/schema.ts";
import {
  createSchemaOne,
  openStore,
  queryRows,
  SAMPLE_TS,
  sampleEntry,
  withFolder,
} from "./samples.ts";

function openMessage(path: string): string {
  const opened = openLedger({ path, nowMs: SAMPLE_TS });
  if (opened.ok) opened.store.close();
  return opened.ok ? "it opened" : opened.message;
}

function fileNames(folder: string): readonly string[] {
  return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
}

function execute(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

Deno.test({
  name:
    "openLedger() creates folders for the user alone (0700) and files for the user alone (0600)",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder((folder) => {
      const path = `${folder}/state/pirouter/ledger.db`;
      const store = openStore(path);
      store.insertEntries([sampleEntry()]);
      const modes = ["/state", "/state/pirouter"].map((name) => Deno.statSync(folder + name).mode);
      assert.deepEqual(modes.map((mode) => (mode ?? 0) & 0o777), [0o700, 0o700]);
      for (const suffix of ["", "-wal", "-shm"]) {
        assert.equal((Deno.statSync(path + suffix).mode ?? 0) & 0o777, 0o600, suffix);
      }
      store.close();
    }),
});

Deno.test("openLedger() writes in WAL mode and says which schema it wrote", () =>
  withFolder((folder) => {
    openStore(`${folder}/ledger.db`).close();
    const [mode] = queryRows(`${folder}/ledger.db`, "PRAGMA journal_mode");
    const [version] = queryRows(`${folder}/ledger.db`, "PRAGMA user_version");
    assert.deepEqual(mode, { "journal_mode": "wal" });
    assert.deepEqual(version, { "user_version": SCHEMA_VERSION });
  }));

Deno.test("openLedger() keeps the rows of a ledger that exists", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const first = openStore(path);
    first.insertEntries([sampleEntry()]);
    first.close();
    openStore(path).close();
    assert.deepEqual(queryRows(path, "SELECT id FROM requests"), [{ id: "req_1" }]);
  }));

Deno.test("openLedger() lets two daemons use one ledger", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const [one, two] = [openStore(path), openStore(path)];
    assert.deepEqual(one.insertEntries([sampleEntry({ id: "a" })]), { ok: true, rejected: 0 });
    assert.deepEqual(two.insertEntries([sampleEntry({ id: "b" })]), { ok: true, rejected: 0 });
    assert.equal(queryRows(path, "SELECT id FROM requests").length, 2);
    one.close();
    two.close();
  }));

Deno.test("openLedger() moves a file that is no database aside, loudly, and starts a new one", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    Deno.writeTextFileSync(path, "This is a text that has nothing to do with SQLite.\n".repeat(20));
    const opened = openLedger({ path, nowMs: SAMPLE_TS });
    assert(opened.ok);
    const aside = "ledger.db.corrupt-2026-01-02T03-04-05-678Z";
    assert.match(opened.warning ?? "", /was not a readable SQLite database.*corrupt-2026-01-02/);
    assert.deepEqual(opened.store.insertEntries([sampleEntry()]), { ok: true, rejected: 0 });
    opened.store.close();
    assert.deepEqual(fileNames(folder), ["ledger.db", aside]);
    assert.match(Deno.readTextFileSync(`${folder}/${aside}`), /^This is a text/);
  }));

Deno.test("openLedger() refuses the database of another program and leaves it alone", () =>
  withFolder((folder) => {
    const path = `${folder}/other.db`;
    execute(path, "CREATE TABLE notes (text)");
    assert.match(openMessage(path), /other\.db".*another program; set ledger\.path/);
    assert.deepEqual(queryRows(path, "SELECT name FROM sqlite_master"), [{ name: "notes" }]);
    assert.deepEqual(fileNames(folder), ["other.db"]);
  }));

Deno.test("openLedger() refuses a ledger of a newer pirouter and names both schemas", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    openStore(path).close();
    execute(path, `PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    const expected = `schema ${SCHEMA_VERSION + 1}, this one knows ${SCHEMA_VERSION}`;
    assert(openMessage(path).includes(expected), openMessage(path));
  }));

Deno.test("openLedger() tells which path it can't create and what to do", () =>
  withFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    const message = openMessage(`${folder}/file/ledger.db`);
    assert.match(message, /^Cannot open the ledger ".*\/file\/ledger\.db": .*set ledger\.path/);
    assert(!message.includes("\n"), message);
  }));

Deno.test("openLedger() keeps :memory: in memory", () => {
  const store = openStore(":memory:");
  assert.deepEqual(store.insertEntries([sampleEntry()]), { ok: true, rejected: 0 });
  store.close();
  assert.throws(() => Deno.statSync(":memory:"), Deno.errors.NotFound);
});

Deno.test("openLedger() brings a file of schema 1 up to date and keeps its rows", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    createSchemaOne(path);
    const [requests, attempts] = ["SELECT * FROM requests", "SELECT * FROM attempts"];
    const [request] = queryRows(path, requests);
    const [attempt] = queryRows(path, attempts);
    const store = openStore(path);
    assert.deepEqual(queryRows(path, requests), [
      { ...request, "difficulty_score": null, explanation: null, features: null },
    ]);
    assert.deepEqual(queryRows(path, attempts), [{
      ...attempt,
      "waited_ms": 0,
      "started_ms": null,
      "committed_ms": null,
      "error_code": null,
      dropped: null,
      judged: null,
    }]);
    assert.deepEqual(queryRows(path, "PRAGMA user_version"), [{ "user_version": SCHEMA_VERSION }]);
    assert.deepEqual(store.insertEntries([sampleEntry()]), { ok: true, rejected: 0 });
    store.close();
  }));

Deno.test("openLedger() changes nothing of a file whose migration fails half way", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    createSchemaOne(path);
    // The second table of the migration has the column already: the first one's must go again.
    execute(path, "ALTER TABLE attempts ADD COLUMN waited_ms REAL");
    const before = queryRows(path, "SELECT sql FROM sqlite_master");
    assert.match(openMessage(path), /duplicate column name: waited_ms/);
    assert.deepEqual(queryRows(path, "SELECT sql FROM sqlite_master"), before);
    assert.deepEqual(queryRows(path, "PRAGMA user_version"), [{ "user_version": 1 }]);
    assert.equal(queryRows(path, "SELECT * FROM requests").length, 1);
  }));
