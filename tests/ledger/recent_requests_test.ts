import assert from "node:assert/strict";
import { readRecentRequests } from "../../src/ledger/recent_requests.ts";
import { SAMPLE_TS, sampleEntry, withFolder, withLedger } from "./samples.ts";

Deno.test("readRecentRequests() gives what the policy has routed, oldest first", () =>
  withLedger([
    sampleEntry({ id: "new", ts: SAMPLE_TS + 2, difficultyScore: 0.75, primaryModel: "big" }),
    sampleEntry({ id: "old", difficultyScore: 0.25 }),
    sampleEntry({ id: "ruled", ts: SAMPLE_TS + 1, routeRule: "mine", difficultyScore: 0.5 }),
    sampleEntry({ id: "refused", ts: SAMPLE_TS + 1, primaryModel: "" }),
    sampleEntry({ id: "older pirouter", ts: SAMPLE_TS + 1, difficultyScore: null }),
  ], (path) => {
    assert.deepEqual(readRecentRequests(path), [
      { score: 0.25, alias: "small" },
      { score: 0.75, alias: "big" },
    ]);
    return Promise.resolve();
  }));

Deno.test("readRecentRequests() gives the newest 500", () =>
  withLedger(
    Array.from(
      { length: 501 },
      (_, index) => sampleEntry({ id: `r${index}`, ts: SAMPLE_TS + index, difficultyScore: index }),
    ),
    (path) => {
      const scores = readRecentRequests(path).map(({ score }) => score);
      assert.deepEqual([scores.length, scores[0], scores.at(-1)], [500, 1, 500]);
      return Promise.resolve();
    },
  ));

Deno.test("readRecentRequests() knows nothing where there is no ledger", () =>
  withFolder((folder) => {
    assert.deepEqual(readRecentRequests(`${folder}/missing.db`), []);
    return Promise.resolve();
  }));
