/** Compares the trained model with baselines on prompts that it has not seen. */

import { applyLogistic, type LogisticMap } from "../core/linear_model.ts";
import { apgrOf, cptOf, type Scored } from "./apgr.ts";
import { BASELINES } from "./baselines.ts";
import { calibrate, type HeldOut } from "./calibration.ts";
import { type Sample, selectJudged, setOf } from "./dataset.ts";

/** One router's results on one set of prompts; null where strong answers are no better. */
export interface Result {
  readonly router: string;
  readonly apgr: number | null;
  /** The shares of strong calls that recover 50 % and 80 % of the gap. */
  readonly cpt50: number | null;
  readonly cpt80: number | null;
}

/** The results of all routers on one set. */
export interface SetResults {
  readonly set: string;
  readonly count: number;
  readonly results: readonly Result[];
}

/** Requests of similar scores: what the scores say, and what came of it. */
export interface Reliability {
  readonly count: number;
  readonly meanScore: number;
  /** The mean of 1 − weak. */
  readonly meanFailure: number;
}

/** The results on each set and on all of them. */
export function compareRouters(heldOut: readonly HeldOut[]): readonly SetResults[] {
  const groups = Map.groupBy(heldOut, ({ sample }) => setOf(sample));
  return [...groups, ["pooled", heldOut] as const].map(([set, group]) => ({
    set,
    count: group.length,
    results: [
      ...Array.from(
        BASELINES,
        ([router, score]) =>
          judge(router, group.map(({ sample }) => toScored(sample, score(sample.prompt)))),
      ),
      judge("model", group.map(({ sample, linear }) => toScored(sample, linear))),
    ],
  }));
}

function toScored({ weak, strong }: Sample, score: number): Scored {
  return { score, weak, strong };
}

function judge(router: string, scored: readonly Scored[]): Result {
  return {
    router,
    apgr: apgrOf(scored),
    cpt50: cptOf(scored, 0.5),
    cpt80: cptOf(scored, 0.8),
  };
}

/**
 * Parts held-out judged requests by their score into `parts` of the same size; none where they are
 * too few.
 */
export function measureReliability(
  heldOut: readonly HeldOut[],
  parts: number,
): readonly Reliability[] {
  const isJudged = selectJudged(heldOut.map(({ sample }) => sample));
  if (isJudged === null) return [];
  const requests = heldOut.filter(({ sample }) => isJudged(sample));
  const { scoreMap } = calibrate(requests);
  const sorted = requests.toSorted((a, b) => a.linear - b.linear);
  return Array.from({ length: parts }, (_, part) =>
    summarise(
      sorted.slice(
        Math.floor(part * sorted.length / parts),
        Math.floor((part + 1) * sorted.length / parts),
      ),
      scoreMap,
    ));
}

function summarise(requests: readonly HeldOut[], scoreMap: LogisticMap): Reliability {
  const count = requests.length;
  return {
    count,
    meanScore: requests.reduce((sum, { linear }) => sum + applyLogistic(scoreMap, linear), 0) /
      count,
    meanFailure: requests.reduce((sum, { sample }) => sum + 1 - sample.weak, 0) / count,
  };
}
