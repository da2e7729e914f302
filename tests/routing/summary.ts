/** What a played transcript comes to: switches, money, cache and quality. */

import { adequacyOf } from "../../src/core/adequacy.ts";
import { QUALITIES, type Quality, rankOfQuality } from "../../src/core/catalog.ts";
import type { DifficultyTier } from "../../src/core/difficulty_tier.ts";
import { requireQuality } from "../../src/core/policy.ts";
import { buildFeatures, buildRequest } from "../support/models.ts";
import { type Answered, type Played, WORLD_MODELS } from "../support/transcript_run.ts";

/** The numbers of one route. */
export interface RouteSummary {
  /** How often another model answered than in the turn before. */
  readonly switches: number;
  /** Of these, those back to a model that was left at most three turns before, with no need for either. */
  readonly flaps: number;
  /** By the ledger. */
  readonly costUsd: number;
  /** Of the input of models whose vendor tells, by the ledger; null: none tells. */
  readonly cachedShare: number | null;
  /** What the model before a switch had in its cache and the one after it had not. */
  readonly lostTokens: number;
  /** Turns by the tier that answered. */
  readonly turnsByTier: Readonly<Record<Quality, number>>;
  /** The mean probability that an answer was adequate, by the difficulty that was judged. */
  readonly adequacy: number;
  /** Turns whose model is below the tier that the judged difficulty needs. */
  readonly belowJudged: number;
  /** The same for the difficulty that the transcript's author gives. */
  readonly belowScripted: number;
}

/** Sums a played transcript up. */
export function summarize({ turns }: Played): RouteSummary {
  const telling = turns.filter(({ alias }) => WORLD_MODELS[alias].kind !== "ollama");
  const sumOf = (of: readonly Answered[], read: (answered: Answered) => number) =>
    of.reduce((sum, answered) => sum + read(answered), 0);
  const inputTokens = sumOf(telling, (turn) => turn.inputTokens);
  const countTier = (quality: Quality) =>
    turns.filter(({ alias }) => WORLD_MODELS[alias].quality === quality).length;
  const [basic, standard, strong, premium] = QUALITIES.map(countTier);
  return {
    switches: findSwitches(turns).length,
    flaps: findFlaps(turns).length,
    costUsd: sumOf(turns, (turn) => turn.costUsd),
    cachedShare: inputTokens === 0
      ? null
      : sumOf(telling, (turn) => turn.cachedTokens) / inputTokens,
    lostTokens: findSwitches(turns)
      .reduce((sum, index) => sum + lostTokensAt(turns, index), 0),
    turnsByTier: {
      basic: basic ?? 0,
      standard: standard ?? 0,
      strong: strong ?? 0,
      premium: premium ?? 0,
    },
    adequacy: sumOf(turns, adequacyIn) / turns.length,
    belowJudged: turns.filter((turn) => isBelow(turn, turn.difficulty)).length,
    belowScripted: turns.filter((turn) => isBelow(turn, turn.turn.ask.needs)).length,
  };
}

function adequacyIn({ alias, score }: Answered): number {
  return adequacyOf({ quality: WORLD_MODELS[alias].quality }, score);
}

/** Whether the model that answered is below the tier that this difficulty needs. */
export function isBelow({ alias }: Pick<Answered, "alias">, tier: DifficultyTier): boolean {
  const features = buildFeatures(buildRequest("hi"));
  const difficulty = { ...features.difficulty, tier };
  const { quality } = requireQuality({ ...features, difficulty });
  return rankOfQuality(WORLD_MODELS[alias].quality) < rankOfQuality(quality);
}

/** The places of the turns that another model answered than the turn before. */
export function findSwitches(turns: readonly Answered[]): readonly number[] {
  return [...turns.keys()].filter((index) => {
    const before = turns[index - 1];
    return before !== undefined && before.alias !== turns[index]?.alias;
  });
}

const FLAP_TURNS = 3;

/**
 * The places of switches A to B that are followed by one back to A within three turns, although the
 * difficulty asked for neither: A was enough for the first of B's turns, and B for the first of A's.
 */
export function findFlaps(turns: readonly Answered[]): readonly number[] {
  const switches = findSwitches(turns);
  return switches.filter((index, place) => {
    const [former, there] = [turns[index - 1], turns[index]];
    const nextIndex = switches[place + 1];
    const back = nextIndex === undefined ? undefined : turns[nextIndex];
    if (!former || !there || !back || nextIndex === undefined) return false;
    if (back.alias !== former.alias || nextIndex - index > FLAP_TURNS) return false;
    return !isBelow(former, there.difficulty) && !isBelow(there, back.difficulty);
  });
}

function lostTokensAt(turns: readonly Answered[], index: number): number {
  const [before, after] = [turns[index - 1], turns[index]];
  return Math.max(0, (before?.reading.input ?? 0) - (after?.reading.cached ?? 0));
}
