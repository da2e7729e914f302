import assert from "node:assert/strict";
import { ADEQUACY_PRIORS } from "../../src/core/difficulty_weights.ts";
import {
  adequacyOf,
  calibrate,
  MAX_OFFSET,
  MIN_OBSERVATIONS,
  MIN_OFFSET,
  type Observation,
} from "../../src/core/adequacy.ts";
import { QUALITIES } from "../../src/core/catalog.ts";

const SCORES = Array.from({ length: 101 }, (_, index) => index / 100);

/** Numbers in [0, 1) that are the same in every run: the fractions of multiples of the golden ratio. */
function chanceAt(index: number): number {
  return (index * 0.618_033_988_749_895) % 1;
}

interface Sample {
  readonly count: number;
  /** The shift of the basic prior's logit that the answers really have; by number of the answer. */
  readonly shiftAt: (index: number) => number;
}

/** Answers of a basic model to requests of every difficulty. */
function observe({ count, shiftAt }: Sample): readonly Observation[] {
  return Array.from({ length: count }, (_, index) => {
    const score = 0.05 + 0.9 * ((index % 97) / 96);
    const calibration = { offset: shiftAt(index), count: 0, state: "learned" } as const;
    const p = adequacyOf({ quality: "basic", calibration }, score);
    return { score, isAdequate: chanceAt(index) < p };
  });
}

Deno.test("adequacyOf() of a basic model without observations is 1 - score", () => {
  for (const score of [0.01, 0.2, 0.5, 0.99]) {
    assert.ok(Math.abs(adequacyOf({ quality: "basic" }, score) - (1 - score)) < 1e-12);
  }
});

Deno.test("adequacyOf() is a probability for every score, whatever it is", () => {
  for (const score of [-1, 0, 1, 2]) {
    for (const quality of QUALITIES) {
      const p = adequacyOf({ quality }, score);
      assert.ok(p > 0 && p < 1, `${quality} at ${score}: ${p}`);
    }
  }
});

Deno.test("adequacyOf() falls with the score, and rises with the tier", () => {
  for (const [index, quality] of QUALITIES.entries()) {
    assert.ok(ADEQUACY_PRIORS[quality].slope < 0);
    const weaker = QUALITIES[index - 1];
    for (const [at, score] of SCORES.entries()) {
      const p = adequacyOf({ quality }, score);
      const easier = SCORES[at - 1];
      if (easier !== undefined) assert.ok(p <= adequacyOf({ quality }, easier), `${quality}`);
      if (weaker !== undefined) assert.ok(p > adequacyOf({ quality: weaker }, score), `${score}`);
    }
  }
});

Deno.test("calibrate() leaves the prior as it is while there are fewer than 200 observations", () => {
  const few = observe({ count: MIN_OBSERVATIONS - 1, shiftAt: () => 2 });
  assert.deepEqual(calibrate(few, "basic"), { offset: 0, count: 199, state: "prior" });
  assert.deepEqual(calibrate([], "basic"), { offset: 0, count: 0, state: "prior" });
});

interface Case {
  readonly name: string;
  readonly sample: Sample;
  readonly state: "learned" | "frozen";
  /** The shift that is expected, about. */
  readonly offset: number;
}

const CASES: readonly Case[] = [
  {
    name: "learns a little when a model is better than its tier",
    sample: { count: 400, shiftAt: () => 1.5 },
    state: "learned",
    offset: MAX_OFFSET,
  },
  {
    name: "learns that a model is worse than its tier",
    sample: { count: 400, shiftAt: () => -1.5 },
    state: "learned",
    offset: -1.5,
  },
  {
    name: "learns from as few as 200 observations",
    sample: { count: MIN_OBSERVATIONS, shiftAt: () => -2 },
    state: "learned",
    offset: -1.9,
  },
  {
    name: "stays at the cap when every answer is adequate",
    sample: { count: 2_000, shiftAt: () => 100 },
    state: "learned",
    offset: MAX_OFFSET,
  },
  {
    name: "stays at the cap when none is",
    sample: { count: 2_000, shiftAt: () => -100 },
    state: "learned",
    offset: MIN_OFFSET,
  },
  {
    name: "keeps the prior where that was right",
    sample: { count: 400, shiftAt: () => 0 },
    state: "frozen",
    offset: 0,
  },
  {
    name: "keeps the prior where what was learned of older answers misleads about newer ones",
    sample: { count: 400, shiftAt: (index) => index < 200 ? 2 : -1 },
    state: "frozen",
    offset: 0,
  },
  {
    name: "learns again once the newer answers outweigh the older ones",
    sample: { count: 2_000, shiftAt: (index) => index < 100 ? 2 : -2 },
    state: "learned",
    offset: -1.9,
  },
];

for (const { name, sample, state, offset } of CASES) {
  Deno.test(`calibrate() ${name}`, () => {
    const calibration = calibrate(observe(sample), "basic");
    assert.equal(calibration.state, state);
    assert.ok(Math.abs(calibration.offset - offset) < 0.25, `offset ${calibration.offset}`);
    assert.equal(calibration.count, sample.count);
  });
}

Deno.test("calibrate() gives the same for the same observations", () => {
  const observations = observe({ count: 700, shiftAt: () => 0.7 });
  assert.deepEqual(calibrate(observations, "basic"), calibrate([...observations], "basic"));
});

Deno.test("calibrate() measures by the prior of the model's own tier", () => {
  const observations = observe({ count: 600, shiftAt: () => 0 });
  assert.ok(calibrate(observations, "premium").offset < -1, "as bad as a basic one");
});
