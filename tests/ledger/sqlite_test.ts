import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import {
  openStore,
  queryRows,
  SAMPLE_EXPLANATION,
  sampleAttempt,
  sampleEntries,
  sampleEntry,
  sampleFault,
  withFolder,
} from "./samples.ts";

Deno.test("insertEntries() stores every field of a request and of its attempts", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    store.insertEntries([sampleEntry({}, [sampleFault(), sampleAttempt({ seq: 2 })])]);
    const requests = queryRows(path, "SELECT * FROM requests");
    const attempts = queryRows(path, "SELECT * FROM attempts ORDER BY seq");
    store.close();
    assert.deepEqual(requests, [{
      id: "req_1",
      ts: 1767323045678,
      "requested_model": "auto",
      "route_rule": "policy:balanced",
      difficulty: "easy",
      "primary_model": "small",
      "final_model": "small",
      status: "ok",
      "http_status": 200,
      stream: 1,
      "input_tokens": 1000,
      "output_tokens": 200,
      "cached_tokens": 100,
      "cost_usd": 0.0025,
      "latency_ms": 820,
      "ttft_ms": 110,
      "difficulty_score": 0.125,
      explanation: JSON.stringify(SAMPLE_EXPLANATION),
      features: '{"v":1,"input_tokens":1000}',
    }]);
    assert.deepEqual(attempts.map((row) => [row["seq"], row["outcome"], row["cost_usd"]]), [
      [1, "connect", null],
      [2, "ok", 0.0025],
    ]);
    assert.deepEqual(attempts[1], {
      "request_id": "req_1",
      seq: 2,
      alias: "small",
      provider: "acme",
      "model_id": "acme-small-1",
      outcome: "ok",
      "http_status": 200,
      "input_tokens": 1000,
      "output_tokens": 200,
      "cached_tokens": 100,
      "cache_write_tokens": 0,
      "reasoning_tokens": 50,
      "usage_source": "provider",
      "cost_usd": 0.0025,
      "cost_source": "config",
      "latency_ms": 812.5,
      "ttft_ms": 101.25,
      "upstream_id": "chatcmpl-1",
      "waited_ms": 0,
      "started_ms": 7.5,
      "committed_ms": 108.75,
      dropped: null,
      judged: 0,
      "error_code": null,
    });
  }));

Deno.test("insertEntries() stores an unknown cost as NULL, not as 0", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    store.insertEntries([sampleEntry({ costUsd: null }, [sampleAttempt({ costUsd: null })])]);
    store.close();
    assert.deepEqual(
      queryRows(path, "SELECT r.cost_usd AS r, a.cost_usd AS a FROM requests r, attempts a"),
      [{ r: null, a: null }],
    );
  }));

Deno.test("insertEntries() can be repeated: a request is stored once", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    store.insertEntries(sampleEntries(3));
    assert.deepEqual(store.insertEntries(sampleEntries(4)), { ok: true, rejected: 0 });
    store.close();
    assert.deepEqual(
      queryRows(path, "SELECT (SELECT count(*) FROM requests) r, count(*) a FROM attempts"),
      [{ r: 4, a: 4 }],
    );
  }));

Deno.test("insertEntries() rejects an entry that can't be stored whole, and stores the others", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    const broken = sampleEntry({ id: "broken" }, [sampleAttempt({ latencyMs: NaN })]);
    const result = store.insertEntries([
      sampleEntry({ id: "a" }),
      broken,
      sampleEntry({ id: "b" }),
    ]);
    store.close();
    assert.deepEqual(result, { ok: true, rejected: 1 });
    assert.deepEqual(queryRows(path, "SELECT id FROM requests ORDER BY id"), [
      { id: "a" },
      { id: "b" },
    ]);
  }));

Deno.test("insertEntries() writes nothing while another process holds the lock, and says so", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    assert.deepEqual(store.insertEntries([sampleEntry()]), {
      ok: false,
      message: "database is locked",
    });
    other.exec("ROLLBACK");
    assert.deepEqual(store.insertEntries([sampleEntry()]), { ok: true, rejected: 0 });
    other.close();
    store.close();
  }));

Deno.test("deleteOlderThan() deletes the oldest first, at most the limit, with their attempts", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    store.insertEntries([30, 10, 20, 40].map((ts) => sampleEntry({ id: `at_${ts}`, ts })));
    assert.equal(store.deleteOlderThan(35, 2), 2);
    const left = "SELECT request_id AS id FROM attempts ORDER BY request_id";
    assert.deepEqual(queryRows(path, left), [{ id: "at_30" }, { id: "at_40" }]);
    assert.equal(store.deleteOlderThan(35, 2), 1);
    assert.equal(store.deleteOlderThan(35, 2), 0);
    assert.deepEqual(queryRows(path, "SELECT id FROM requests"), [{ id: "at_40" }]);
    store.close();
  }));

Deno.test("deleteOlderThan() gives null while another process holds the lock", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    assert.equal(store.deleteOlderThan(0, 1), null);
    other.close();
    store.close();
  }));
