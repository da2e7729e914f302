import assert from "node:assert/strict";
import type { Sample } from "../../src/training/dataset.ts";
import { setOf } from "../../src/training/dataset.ts";
import { FOLD_COUNT, foldOf } from "../../src/training/folds.ts";

function sampleOf(fields: Partial<Sample>): Sample {
  return { source: "s", family: "math", prompt: "p", weak: 0, strong: 1, mid: null, ...fields };
}

Deno.test("foldOf() holds a whole family out, whatever the source", () => {
  const folds = ["a", "b", "c"].map((source) => foldOf(sampleOf({ source }), 1));
  assert.deepEqual(new Set(folds), new Set(["family math"]));
});

Deno.test("foldOf() keeps the questions of one subject of MMLU in one fold", () => {
  for (let subject = 0; subject < 20; subject++) {
    const [first, second] = ["one", "two"].map((prompt) =>
      foldOf(sampleOf({ family: "mmlu", source: `mmlu_${subject}`, prompt }), 1)
    );
    assert.equal(first, second);
  }
});

Deno.test("foldOf() keeps the same request in one fold, however it is capitalised", () => {
  for (let request = 0; request < 20; request++) {
    const [first, second] = [["everyday", "Say HI "], ["agent2", "say hi"]].map((
      [source, prompt],
    ) =>
      foldOf(sampleOf({ family: "chat", source: source ?? "", prompt: `${request} ${prompt}` }), 1)
    );
    assert.equal(first, second);
  }
});

Deno.test("foldOf() parts requests into folds of about the same size, by the seed", () => {
  const samples = Array.from(
    { length: 1_000 },
    (_, index) => sampleOf({ family: "agent", source: "agent", prompt: `request ${index}` }),
  );
  const groups = Map.groupBy(samples, (sample) => foldOf(sample, 1));
  assert.equal(groups.size, FOLD_COUNT);
  assert.ok([...groups.values()].every((group) => group.length > 120 && group.length < 280));
  assert.ok(samples.some((sample) => foldOf(sample, 1) !== foldOf(sample, 2)));
});

Deno.test("setOf() counts everyday chat and agents' turns apart from their families", () => {
  assert.equal(setOf(sampleOf({ source: "everyday2", family: "chat" })), "everyday");
  assert.equal(setOf(sampleOf({ source: "agent", family: "agent" })), "agent");
  assert.equal(setOf(sampleOf({ source: "arena", family: "chat" })), "chat");
});
