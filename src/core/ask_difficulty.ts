/** How hard a request is: its ask, lifted by the trouble that the conversation is in. */

import type { Ask } from "./ask.ts";
import { type Difficulty, estimateDifficulty } from "./difficulty.ts";
import { DIFFICULTY_TIERS, type DifficultyTier, tierOf } from "./difficulty_tier.ts";
import type { Housekeeping } from "./housekeeping.ts";
import type { Trajectory } from "./trajectory.ts";

/** What difficulty is judged by: nothing else of a request changes it. */
export interface AskFacts {
  readonly ask: Ask;
  readonly housekeeping: Housekeeping | null;
  readonly trajectory: Trajectory;
}

/** What is left of a housekeeping prompt's score: the order among them stays. */
const HOUSEKEEPING_SHARE = 0.05;

/** So many earlier asks are judged beside the newest words. */
const MAX_EARLIER = 24;

/**
 * Judges how hard a request is; a hint (from the client's header) wins. Housekeeping is easy. Any
 * other ask is as hard as the hardest of what is asked still, and trouble lifts it:
 * 1 − (1 − score)(1 − lift); the tier is never lower than that of the ask alone.
 */
export function judgeAsk(facts: AskFacts, hint: DifficultyTier | null): Difficulty {
  const { ask, housekeeping, trajectory } = facts;
  if (hint !== null) return estimateDifficulty(ask.text, hint);
  const base = estimateHardest(ask);
  if (housekeeping !== null) {
    const reasons = [`is a housekeeping prompt: ${housekeeping.words}`];
    return { tier: "easy", score: HOUSEKEEPING_SHARE * base.score, reasons, isHinted: false };
  }
  // Without trouble exactly the score: 1 − (1 − score) rounds.
  const score = base.score + (1 - base.score) * trajectory.lift;
  return {
    tier: harderTier(base.tier, tierOf(score)),
    score,
    reasons: [...base.reasons, ...trajectory.reasons],
    isHinted: false,
  };
}

/** A correction, or a "go on", is as hard as what it is about. */
function estimateHardest({ text, earlier, isUnwrapped }: Ask): Difficulty {
  const newest = estimateDifficulty(settleSpaces(text), null);
  const others = [...earlier.slice(0, MAX_EARLIER), ...earlier.slice(MAX_EARLIER).slice(-1)]
    .map((text) => estimateDifficulty(settleSpaces(text), null));
  const hardest = others.reduce((one, other) => other.score > one.score ? other : one, newest);
  const tier = others.reduce((tier, other) => harderTier(tier, other.tier), newest.tier);
  const notes = [
    ...(isUnwrapped ? ["the client's wrapping is left out"] : []),
    ...(hardest === newest ? [] : ["the newest message is about an earlier ask"]),
  ];
  return { ...hardest, tier, reasons: [...hardest.reasons, ...notes] };
}

function harderTier(one: DifficultyTier, other: DifficultyTier): DifficultyTier {
  return DIFFICULTY_TIERS.indexOf(one) >= DIFFICULTY_TIERS.indexOf(other) ? one : other;
}

/** A longer text is judged by its ends anyway. */
const SETTLED_CHARS = 100_000;

/** The text with one kind of line end and without spaces that say nothing; code keeps its own. */
function settleSpaces(text: string): string {
  if (text.length > SETTLED_CHARS) return text;
  const settled: string[] = [];
  let isFenced = false;
  for (const line of text.split(/\r?\n/)) {
    const bare = line.trim();
    const isFence = /^(?:```|~~~)/.test(bare);
    settled.push(isFenced && !isFence ? line.trimEnd() : bare.split(/[ \t\u00a0]+/).join(" "));
    if (isFence) isFenced = !isFenced;
  }
  return settled.join("\n").replace(/\n{3,}/g, "\n\n").trim();
}
