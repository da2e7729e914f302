/**
 * Trains the model of difficulty and writes it into the program: deno task train [FILE …]. The same
 * files give the same bytes.
 */

import { calibrate, FOLD_SEED, predictHeldOut } from "./calibration.ts";
import { isRequest, type Sample } from "./dataset.ts";
import { featuresOf } from "./design.ts";
import { fitModel } from "./fit.ts";
import { readSamples, tell } from "./task.ts";
import { renderWeights, WEIGHTS_PATH } from "./weights_file.ts";

/** The text of the file of weights that follows from the samples. */
export async function trainWeights(
  samples: readonly Sample[],
  onStep: (step: string) => void,
): Promise<string> {
  const set = { samples, features: featuresOf(samples) };
  const heldOut = predictHeldOut(set, {
    isJudged: isRequest,
    seed: FOLD_SEED,
    onFold: (fold) => onStep(`training without ${fold}`),
  });
  onStep("training with everything");
  return await renderWeights(fitModel(set, () => true), calibrate(heldOut));
}

if (import.meta.main) {
  const samples = await readSamples(Deno.args);
  await Deno.writeTextFile(WEIGHTS_PATH, await trainWeights(samples, tell));
  tell(`wrote ${WEIGHTS_PATH}`);
}
