import assert from "node:assert/strict";
import { readTokenTimes } from "../../src/ledger/token_times.ts";
import {
  openStore,
  SAMPLE_TS,
  sampleAttempt,
  sampleEntry,
  sampleFault,
  withFolder,
} from "./samples.ts";

Deno.test("readTokenTimes() gives the first tokens of the newest requests, oldest first", () =>
  withFolder((folder) => {
    const path = `${folder}/ledger.db`;
    const store = openStore(path);
    store.insertEntries([
      sampleEntry({ id: "new", ts: SAMPLE_TS + 1 }, [
        sampleFault({ alias: "down" }),
        sampleAttempt({ seq: 2, ttftMs: 20, inputTokens: null }),
        sampleAttempt({ seq: 3, ttftMs: 30, outcome: "truncated" }),
      ]),
      sampleEntry({ id: "old" }, [sampleAttempt({ ttftMs: 10 })]),
      sampleEntry({ id: "whole" }, [sampleAttempt({ ttftMs: null })]),
    ]);
    store.close();
    const [provider, modelId] = ["acme", "acme-small-1"];
    assert.deepEqual(readTokenTimes(path), [
      { provider, modelId, ttftMs: 10, inputTokens: 1000, latencyMs: 812.5 },
      { provider, modelId, ttftMs: 20, inputTokens: 1, latencyMs: 812.5 },
      { provider, modelId, ttftMs: 30, inputTokens: 1000, latencyMs: null },
    ]);
  }));

Deno.test("readTokenTimes() knows nothing where there is no ledger, or none that can be read", () =>
  withFolder(async (folder) => {
    assert.deepEqual(readTokenTimes(`${folder}/missing.db`), []);
    await Deno.writeTextFile(`${folder}/new.db`, "");
    assert.deepEqual(readTokenTimes(`${folder}/new.db`), []);
    await Deno.writeTextFile(`${folder}/text.db`, "this is no database, however long it is");
    assert.deepEqual(readTokenTimes(`${folder}/text.db`), []);
  }));
