import assert from "node:assert/strict";
import type { Sample } from "../../src/training/dataset.ts";
import { setOf } from "../../src/training/dataset.ts";
import { FOLD_COUNT, foldsOf } from "../../src/training/folds.ts";

function sampleOf(fields: Partial<Sample>): Sample {
  return { source: "s", family: "math", prompt: "p", weak: 0, strong: 1, mid: null, ...fields };
}

/** Enough samples of another family that those of a test are few. */
const OTHERS = Array.from({ length: 50 }, () => sampleOf({ family: "code" }));

Deno.test("foldsOf() holds a whole family out, whatever the source", () => {
  const samples = ["a", "b", "c"].map((source) => sampleOf({ source }));
  const folds = foldsOf([...samples, ...OTHERS], 1).slice(0, samples.length);
  assert.deepEqual(folds, ["family math", "family math", "family math"]);
});

Deno.test("foldsOf() parts a family that is most of all samples, lest nothing is left to train on", () => {
  const samples = Array.from({ length: 100 }, (_, index) => sampleOf({ prompt: `p ${index}` }));
  assert.equal(new Set(foldsOf(samples, 1)).size, FOLD_COUNT);
});

Deno.test("foldsOf() keeps the questions of one subject of MMLU in one fold", () => {
  for (let subject = 0; subject < 20; subject++) {
    const [first, second] = foldsOf(
      ["one", "two"].map((prompt) =>
        sampleOf({ family: "mmlu", source: `mmlu_${subject}`, prompt })
      ),
      1,
    );
    assert.equal(first, second);
  }
});

Deno.test("foldsOf() keeps the same request in one fold, however it is capitalised", () => {
  for (let request = 0; request < 20; request++) {
    const [first, second] = foldsOf([
      sampleOf({ family: "chat", source: "everyday", prompt: `${request} Say HI ` }),
      sampleOf({ family: "chat", source: "agent2", prompt: `${request} say hi` }),
    ], 1);
    assert.equal(first, second);
  }
});

Deno.test("foldsOf() parts requests into folds of about the same size, by the seed", () => {
  const samples = Array.from(
    { length: 1_000 },
    (_, index) => sampleOf({ family: "agent", source: "agent", prompt: `request ${index}` }),
  );
  const [folds, others] = [foldsOf(samples, 1), foldsOf(samples, 2)];
  const groups = Map.groupBy(folds, (fold) => fold);
  assert.equal(groups.size, FOLD_COUNT);
  assert.ok([...groups.values()].every((group) => group.length > 120 && group.length < 280));
  assert.notDeepEqual(folds, others);
});

Deno.test("setOf() counts everyday chat and agents' turns apart from their families", () => {
  assert.equal(setOf(sampleOf({ source: "everyday2", family: "chat" })), "everyday");
  assert.equal(setOf(sampleOf({ source: "agent", family: "agent" })), "agent");
  assert.equal(setOf(sampleOf({ source: "arena", family: "chat" })), "chat");
});
