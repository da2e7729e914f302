/**
 * Trains the model of difficulty and writes it into the program: deno task train [FILE …]. The same
 * files give the same bytes.
 */

import { calibrate, FOLD_SEED, predictHeldOut } from "./calibration.ts";
import { describeUnjudged, type Sample, selectJudged } from "./dataset.ts";
import { featuresOf } from "./design.ts";
import { fitModel } from "./fit.ts";
import { parseArguments, readSamples, tell } from "./task.ts";
import { renderWeights, WEIGHTS_PATH } from "./weights_file.ts";

/** The text of the file of weights, or why there is none. */
export type Training = { readonly text: string } | { readonly problem: string };

/** The text of the file of weights that follows from the samples. */
export async function trainWeights(
  samples: readonly Sample[],
  onStep: (step: string) => void,
): Promise<Training> {
  const isJudged = selectJudged(samples);
  if (isJudged === null) return { problem: `Cannot train: ${describeUnjudged(samples)}` };
  const set = { samples, features: featuresOf(samples) };
  const heldOut = predictHeldOut(set, {
    isJudged,
    seed: FOLD_SEED,
    onFold: (fold) => onStep(`training without ${fold}`),
  });
  onStep("training with everything");
  const model = fitModel(set, samples.map(() => true));
  return { text: await renderWeights(model, calibrate(heldOut)) };
}

if (import.meta.main) {
  const { files } = parseArguments(Deno.args, []);
  const training = await trainWeights(await readSamples(files), tell);
  if ("problem" in training) {
    tell(training.problem);
    Deno.exit(1);
  }
  await Deno.writeTextFile(WEIGHTS_PATH, training.text);
  tell(`wrote ${WEIGHTS_PATH}`);
}
