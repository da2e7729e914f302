import assert from "node:assert/strict";
import { readObservations } from "../../src/ledger/observations.ts";
import {
  createSchemaOne,
  openStore,
  SAMPLE_TS,
  sampleAttempt,
  sampleEntry,
  sampleFault,
  withFolder,
  withLedger,
} from "./samples.ts";

const JUDGED = sampleAttempt({ judged: true });
const NAMES = { alias: "small", provider: "acme", modelId: "acme-small-1" };

Deno.test("readObservations() gives the judged answers with their request's score, oldest first", () =>
  withLedger([
    sampleEntry({ id: "new", ts: SAMPLE_TS + 1, difficultyScore: 0.75 }, [
      sampleAttempt({ judged: true, outcome: "weak_short" }),
      sampleFault({ seq: 2, alias: "down" }),
      sampleAttempt({ seq: 3, judged: true, alias: "big", modelId: "acme-big-1" }),
    ]),
    sampleEntry({ id: "old", difficultyScore: 0.25 }, [JUDGED]),
    sampleEntry({ id: "marked", difficultyScore: 0.5 }, [
      sampleAttempt({ judged: true, outcome: "weak_marker" }),
    ]),
    sampleEntry({ id: "unjudged" }),
    sampleEntry({ id: "passed on", difficultyScore: null }, [JUDGED]),
  ], (path) => {
    assert.deepEqual(readObservations(path), [
      { ...NAMES, score: 0.25, isAdequate: true, ts: SAMPLE_TS },
      { ...NAMES, score: 0.5, isAdequate: false, ts: SAMPLE_TS },
      { ...NAMES, score: 0.75, isAdequate: false, ts: SAMPLE_TS + 1 },
      {
        ...NAMES,
        alias: "big",
        modelId: "acme-big-1",
        score: 0.75,
        isAdequate: true,
        ts: SAMPLE_TS + 1,
      },
    ]);
    return Promise.resolve();
  }));

Deno.test("readObservations() gives the newest 5,000", () =>
  withLedger(
    Array.from({ length: 5_001 }, (_, index) =>
      sampleEntry(
        { id: `r${index}`, ts: SAMPLE_TS + index, difficultyScore: index / 10_000 },
        [JUDGED],
      )),
    (path) => {
      const scores = readObservations(path).map(({ score }) => score);
      assert.deepEqual([scores.length, scores[0], scores.at(-1)], [5_000, 0.0001, 0.5]);
      return Promise.resolve();
    },
  ));

Deno.test("readObservations() knows nothing where there is no ledger, or none that can be read", () =>
  withFolder(async (folder) => {
    assert.deepEqual(readObservations(`${folder}/missing.db`), []);
    await Deno.writeTextFile(`${folder}/text.db`, "this is no database, however long it is");
    assert.deepEqual(readObservations(`${folder}/text.db`), []);
    createSchemaOne(`${folder}/old.db`);
    assert.deepEqual(readObservations(`${folder}/old.db`), [], "without the column");
    openStore(`${folder}/old.db`).close();
    assert.deepEqual(readObservations(`${folder}/old.db`), [], "of rows from before the column");
  }));
