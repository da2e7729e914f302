/**
 * Compares the model of difficulty with baselines on prompts that it has not seen: deno task eval
 * [--json | --markdown] [FILE …].
 */

import { DENSE_COUNT } from "../core/ask_features.ts";
import { BUCKET_COUNT } from "../core/ask_ngrams.ts";
import { scoreOfAsk } from "../core/difficulty_model.ts";
import { FOLD_SEED, predictHeldOut } from "./calibration.ts";
import type { Sample } from "./dataset.ts";
import { featuresOf } from "./design.ts";
import { compareRouters, measureReliability } from "./evaluation.ts";
import { measureLatency } from "./latency.ts";
import { type Evaluation, formatEvaluation } from "./report.ts";
import { parseArguments, readSamples, tell } from "./task.ts";

/** A byte for each n-gram weight, 8 for each dense weight and the intercept. */
const MODEL_BYTES = BUCKET_COUNT + 8 * (DENSE_COUNT + 1);

const PARTS = 10;

/** Judges every sample by a model that was trained, as `deno task train` does, without its fold. */
export function evaluate(
  samples: readonly Sample[],
  onStep: (step: string) => void,
): Evaluation {
  // First, while there is no garbage of training to collect.
  const latency = measureLatency(scoreOfAsk, {
    asks: samples.map(({ prompt }) => prompt),
    nowMs: () => performance.now(),
  });
  const heldOut = predictHeldOut({ samples, features: featuresOf(samples) }, {
    isJudged: () => true,
    seed: FOLD_SEED,
    onFold: (fold) => onStep(`training without ${fold}`),
  });
  return {
    sets: compareRouters(heldOut),
    reliability: measureReliability(heldOut, PARTS),
    latency,
    modelBytes: MODEL_BYTES,
  };
}

if (import.meta.main) {
  const { flags, files } = parseArguments(Deno.args, ["--json", "--markdown"]);
  const evaluation = evaluate(await readSamples(files), tell);
  const text = flags.has("--json")
    ? JSON.stringify(evaluation, null, 2) + "\n"
    : formatEvaluation(evaluation, flags.has("--markdown"));
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
