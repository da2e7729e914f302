import assert from "node:assert/strict";
import { FEATURES_SHA256 } from "../../src/core/difficulty_weights.ts";
import { linearOf } from "../../src/core/linear_model.ts";
import { predictHeldOut } from "../../src/training/calibration.ts";
import { DEFAULT_FILES, readDataset, type Sample } from "../../src/training/dataset.ts";
import { featuresOf } from "../../src/training/design.ts";
import { evaluate } from "../../src/training/eval.ts";
import { fitModel } from "../../src/training/fit.ts";
import { formatEvaluation } from "../../src/training/report.ts";
import { trainWeights } from "../../src/training/train.ts";
import { describeProbes, digestText, WEIGHTS_PATH } from "../../src/training/weights_file.ts";

const ROOT = new URL("../../", import.meta.url);

/** Requests that are hard when they name a hard word, and as many benchmark prompts. */
function makeSamples(): readonly Sample[] {
  return Array.from({ length: 400 }, (_, index) => {
    const isHard = index % 3 === 0;
    const isRequest = index % 2 === 0;
    const filler = ["alpha", "beta", "gamma", "delta"][index % 4] ?? "";
    return {
      source: isRequest ? "everyday" : `mmlu_${index % 7}`,
      family: isRequest ? "chat" : "mmlu",
      prompt: `${filler} ${isHard ? "zugzwang" : "breakfast"} number-${
        String.fromCharCode(97 + index % 26)
      }${index}`,
      weak: isHard ? 0.2 : 0.9,
      strong: isHard ? 0.8 : 0.97,
      mid: isRequest ? (isHard ? 0.5 : 0.95) : null,
    };
  });
}

const SAMPLES = makeSamples();

async function textOf(samples: readonly Sample[]): Promise<string> {
  const training = await trainWeights(samples, () => {});
  return "text" in training ? training.text : assert.fail(training.problem);
}

Deno.test("trainWeights() refuses too few judged prompts, and says what is missing", async () => {
  const unjudged = SAMPLES.map((sample) => ({ ...sample, source: "measured", mid: null }));
  const training = await trainWeights([...unjudged, ...SAMPLES.slice(0, 300)], () => {});
  assert.match(
    "problem" in training ? training.problem : "",
    /^Cannot train: 150 of 700 labelled prompts have "mid", and at least 200 are needed .*; name a/,
  );
});

Deno.test("trainWeights() calibrates on judged prompts of any source, even of one family", async () => {
  const samples = SAMPLES.map((sample) => ({ ...sample, source: "mine", family: "f", mid: 0.5 }));
  const text = await textOf(samples);
  const slope = Number(/SCORE_MAP.*slope: ([-\d.]+)/.exec(text)?.[1]);
  assert.ok(slope > 0, `${slope}`);
});

Deno.test("trainWeights() gives the same text for the same samples", async () => {
  const [first, second] = [await textOf(SAMPLES), await textOf(SAMPLES)];
  assert.equal(first, second);
  assert.match(first, /^export const NGRAM_WEIGHTS =\n {2}"[\w+/]+=*";$/m);
});

Deno.test("fitModel() learns which word is hard", () => {
  const features = featuresOf(SAMPLES);
  const model = fitModel({ samples: SAMPLES, features }, SAMPLES.map(() => true));
  const outputs = features.map((feature) => linearOf(feature, model));
  const [hard, easy] = [true, false].map((isHard) =>
    outputs.filter((_, index) => (index % 3 === 0) === isHard)
  );
  assert.ok(Math.min(...hard ?? []) > Math.max(...easy ?? []));
});

Deno.test("predictHeldOut() never trains on what it judges", () => {
  // Were a sample's own label seen, flipping it would move its own output most.
  const flipped = SAMPLES.map((sample, index) => index === 0 ? { ...sample, weak: 0.95 } : sample);
  const outputOf = (samples: readonly Sample[]) =>
    predictHeldOut({ samples, features: featuresOf(samples) }, {
      isJudged: ({ prompt }) => prompt === SAMPLES[0]?.prompt,
      seed: 1,
    }).map(({ linear }) => linear);
  assert.equal(outputOf(SAMPLES).length, 1);
  assert.deepEqual(outputOf(flipped), outputOf(SAMPLES));
});

Deno.test("evaluate() finds the trained model better than random on what it has not seen", () => {
  const evaluation = evaluate(SAMPLES, () => {});
  assert.deepEqual(evaluation.sets.map(({ set }) => set).sort(), ["everyday", "mmlu", "pooled"]);
  for (const { results } of evaluation.sets) {
    const apgrOf = (name: string) => results.find(({ router }) => router === name)?.apgr ?? NaN;
    assert.equal(apgrOf("random").toFixed(6), "0.500000");
    assert.ok(apgrOf("model") > 0.65, `${apgrOf("model")}`);
  }
  assert.match(
    formatEvaluation(evaluation, false),
    /^router +APGR .*\nrandom +0\.500 [^]*\nset +prompts +APGR random/,
  );
  assert.match(formatEvaluation(evaluation, false), /^180,000 +200 +\d+ +\d+$/m);
  assert.match(
    formatEvaluation(evaluation, true),
    /^\| router \| APGR \|[^]*\n\| set \| prompts \| APGR random \|/,
  );
});

Deno.test("evaluate() measures times, and leaves out what scores mean, where nothing is judged", () => {
  const samples = SAMPLES.map((sample, index) => ({
    ...sample,
    source: `mmlu_${index % 7}`,
    family: "mmlu",
    mid: null,
  }));
  const evaluation = evaluate(samples, () => {});
  const text = formatEvaluation(evaluation, false);
  assert.match(text, /^What a score means is left out: too few of the prompts are judged/m);
  const { all, bands } = evaluation.latency;
  assert.ok([all, ...bands].every(({ count, p50Us }) => count > 0 && p50Us > 0));
});

Deno.test("the program extracts the features that its weights were trained on", async () => {
  assert.equal(await digestText(describeProbes()), FEATURES_SHA256);
});

const FOUND = await readDataset(DEFAULT_FILES.map((file) => new URL(file, ROOT).pathname));
const MISSING = "problem" in FOUND;

Deno.test({
  name: `training again gives the committed weights${
    MISSING ? ` (skipped: ${DEFAULT_FILES.join(", ")} are not here)` : ""
  }`,
  ignore: MISSING,
  fn: async () => {
    assert.ok("samples" in FOUND);
    const text = await textOf(FOUND.samples);
    assert.equal(text === await Deno.readTextFile(new URL(WEIGHTS_PATH, ROOT)), true);
  },
});
