/** What the model is trained towards, and how much each sample counts. */

import type { Sample } from "./dataset.ts";

/** Judged requests count so many times more than measured benchmark prompts. */
const JUDGED_WEIGHT = 7;

/** A source whose strong models fall this far behind its weak ones was measured wrongly. */
const WORST_GAP = -0.1;

interface SourceMeans {
  readonly gain: number;
  readonly failure: number;
}

/** The targets and weights of samples, in their order. */
export interface Targets {
  readonly targets: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Between benchmarks the target is what the strong model adds: mathematics and code gain more than
 * trivia. Judged requests add how the weak model fails, for the most part as the distance from
 * their source's mean, since each source has its own kind of asker. The ridge fit to a sum of
 * targets is the sum of the fits to each. Only the samples that `isUsed` admits have a weight.
 */
export function targetsOf(samples: readonly Sample[], isUsed: readonly boolean[]): Targets {
  const means = meansBySource(samples.filter((_, index) => isUsed[index]));
  const targets = new Float64Array(samples.length);
  const weights = new Float64Array(samples.length);
  for (const [index, sample] of samples.entries()) {
    const mean = means.get(sample.source);
    if (isUsed[index] !== true || mean === undefined || mean.gain < WORST_GAP) continue;
    targets[index] = targetOf(sample, mean);
    weights[index] = sample.mid === null ? 1 : JUDGED_WEIGHT;
  }
  return { targets, weights };
}

function targetOf({ weak, strong, mid }: Sample, mean: SourceMeans): number {
  const [gain, failure] = [strong - weak, 1 - weak];
  if (mid === null) return 2 * gain;
  return 0.5 * (gain + failure) + 0.5 * (gain - mean.gain) + (failure - mean.failure);
}

function meansBySource(samples: readonly Sample[]): ReadonlyMap<string, SourceMeans> {
  const groups = Map.groupBy(samples, ({ source }) => source);
  return new Map(
    Array.from(groups, ([source, group]) => {
      const failure = group.reduce((sum, { weak }) => sum + 1 - weak, 0) / group.length;
      const gain = group.reduce((sum, { weak, strong }) => sum + strong - weak, 0) / group.length;
      return [source, { gain, failure }];
    }),
  );
}
