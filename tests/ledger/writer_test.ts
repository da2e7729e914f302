import assert from "node:assert/strict";
import type { OpenResult } from "../../src/ledger/file.ts";
import type { LedgerEntry } from "../../src/ledger/ledger.ts";
import type { LedgerStore, WriteResult } from "../../src/ledger/sqlite.ts";
import { createLedgerWriter, type LedgerWriter } from "../../src/ledger/writer.ts";
import { FakeClock } from "./fake_clock.ts";
import { openStore, queryRows, sampleEntries, sampleEntry, withFolder } from "./samples.ts";

const LOCKED: WriteResult = { ok: false, message: "database is locked" };
const DISK_FULL: WriteResult = { ok: false, message: "database or disk is full" };

/** A store whose faults a test decides. */
class ScriptedStore implements LedgerStore {
  fault: WriteResult | null = null;
  rejected = 0;
  isClosed = false;
  readonly batches: (readonly LedgerEntry[])[] = [];

  insertEntries(entries: readonly LedgerEntry[]): WriteResult {
    if (this.fault !== null) return this.fault;
    this.batches.push(entries);
    return { ok: true, rejected: this.rejected };
  }

  deleteOlderThan(): number {
    return 0;
  }

  close(): void {
    this.isClosed = true;
  }

  get batchSizes(): readonly number[] {
    return this.batches.map((batch) => batch.length);
  }
}

interface Bench {
  readonly store: ScriptedStore;
  readonly clock: FakeClock;
  readonly writer: LedgerWriter;
  readonly warnings: string[];
}

function createBench(
  options: { readonly queueLimit?: number; readonly reopen?: () => OpenResult } = {},
): Bench {
  const store = new ScriptedStore();
  const clock = new FakeClock();
  const warnings: string[] = [];
  const writer = createLedgerWriter({
    store,
    reopen: () => ({ ok: false, message: "still broken" }),
    warn: (message) => warnings.push(message),
    retentionDays: null,
    clock,
    ...options,
  });
  return { store, clock, writer, warnings };
}

function recordAll(writer: LedgerWriter, entries: readonly LedgerEntry[]): void {
  for (const entry of entries) writer.record(entry);
}

Deno.test("record() only queues; the batch is written 50 ms after its first entry", () => {
  const { store, clock, writer } = createBench();
  recordAll(writer, sampleEntries(3));
  clock.advance(49);
  assert.deepEqual(store.batchSizes, []);
  clock.advance(1);
  assert.deepEqual(store.batchSizes, [3]);
  assert.deepEqual(writer.state(), {
    queued: 0,
    written: 3,
    dropped: 0,
    isDegraded: false,
    lastError: null,
  });
  assert.equal(clock.nextDelayMs, null);
});

Deno.test("a long queue is written in order, 500 entries a transaction", () => {
  const { store, clock, writer } = createBench();
  const entries = sampleEntries(1_200);
  recordAll(writer, entries);
  clock.advance(50);
  assert.deepEqual(store.batchSizes, [500, 500, 200]);
  assert.deepEqual(store.batches.flat(), entries);
});

Deno.test("record() drops and counts the newest entries once the queue is full", () => {
  const { store, clock, writer, warnings } = createBench({ queueLimit: 2 });
  const entries = sampleEntries(5);
  recordAll(writer, entries);
  assert.equal(writer.state().dropped, 3);
  clock.advance(50);
  assert.deepEqual(store.batches.flat(), entries.slice(0, 2));
  assert.match(warnings.join(), /lost since the start.*: 3$/);
});

Deno.test("the queue holds 10,000 entries when no limit is given", () => {
  const { store, writer } = createBench();
  store.fault = LOCKED;
  recordAll(writer, sampleEntries(10_001));
  assert.equal(writer.state().queued, 10_000);
  assert.equal(writer.state().dropped, 1);
});

Deno.test("a locked file is tried again ever more seldom, at least every 5 s, and nothing is lost", () => {
  const { store, clock, writer } = createBench();
  store.fault = LOCKED;
  writer.record(sampleEntry());
  clock.advance(50);
  assert.equal(clock.nextDelayMs, 100);
  clock.advance(100);
  assert.equal(clock.nextDelayMs, 200);
  clock.advance(60_000);
  assert.equal(writer.state().isDegraded, true);
  assert.equal(writer.state().lastError, "database is locked");
  assert((clock.nextDelayMs ?? Infinity) <= 5_000);
  writer.record(sampleEntry({ id: "req_2" }));
  store.fault = null;
  clock.advance(5_000);
  assert.deepEqual(store.batches.flat().map((entry) => entry.request.id), ["req_1", "req_2"]);
  assert.equal(writer.state().isDegraded, false);
  assert.equal(writer.state().lastError, null);
});

Deno.test("a lasting fault is told at most once a minute, and its end once", () => {
  const { store, clock, writer, warnings } = createBench();
  store.fault = LOCKED;
  writer.record(sampleEntry());
  clock.advance(59_000);
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0] ?? "",
    /can't be written: database is locked; entries waiting in memory: 1$/,
  );
  clock.advance(10_000);
  assert.equal(warnings.length, 2);
  store.fault = null;
  clock.advance(5_000);
  assert.deepEqual(warnings.slice(2), ["The ledger is written again"]);
});

Deno.test("a fault that is more than a lock opens the file again", () => {
  const fresh = new ScriptedStore();
  const bench = createBench({ reopen: () => ({ ok: true, store: fresh, warning: "moved aside" }) });
  bench.store.fault = DISK_FULL;
  bench.writer.record(sampleEntry());
  bench.clock.advance(50 + 100);
  assert.equal(bench.store.isClosed, true);
  assert.deepEqual(fresh.batchSizes, [1]);
  assert(bench.warnings.includes("moved aside"));
});

Deno.test("entries that the store rejects are counted as dropped", () => {
  const { store, clock, writer } = createBench();
  store.rejected = 1;
  recordAll(writer, sampleEntries(3));
  clock.advance(50);
  assert.equal(writer.state().written, 2);
  assert.equal(writer.state().dropped, 1);
});

Deno.test("flush() writes all that is queued and stops at the first fault", async () => {
  const { store, writer } = createBench();
  store.fault = LOCKED;
  recordAll(writer, sampleEntries(700));
  await writer.flush();
  assert.equal(writer.state().queued, 700);
  store.fault = null;
  await writer.flush();
  assert.deepEqual(store.batchSizes, [500, 200]);
});

Deno.test("close() writes the queue, closes the file, and drops what comes later", async () => {
  const { store, clock, writer } = createBench();
  recordAll(writer, sampleEntries(2));
  await writer.close();
  await writer.close();
  assert.deepEqual(store.batchSizes, [2]);
  assert.equal(store.isClosed, true);
  assert.equal(clock.nextDelayMs, null);
  writer.record(sampleEntry());
  assert.equal(writer.state().dropped, 1);
});

Deno.test("close() gives up at its deadline and counts what it could not write", async () => {
  const { store, clock, writer } = createBench();
  store.fault = LOCKED;
  recordAll(writer, sampleEntries(2));
  const closed = writer.close(200);
  for (let turn = 0; turn < 20 && !store.isClosed; turn++) {
    await Promise.resolve();
    clock.advance(50);
  }
  await closed;
  assert.equal(store.isClosed, true);
  assert.deepEqual([writer.state().queued, writer.state().dropped], [0, 2]);
});

Deno.test("a real file holds what was recorded once flush() resolves", () =>
  withFolder(async (folder) => {
    const path = `${folder}/ledger.db`;
    const writer = createLedgerWriter({
      store: openStore(path),
      reopen: () => ({ ok: false, message: "not needed" }),
      warn: assert.fail,
      retentionDays: 30,
    });
    recordAll(writer, sampleEntries(1_000));
    await writer.flush();
    assert.deepEqual(queryRows(path, "SELECT count(*) AS n FROM attempts"), [{ n: 1_000 }]);
    await writer.close();
  }));
