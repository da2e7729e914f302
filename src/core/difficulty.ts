/** How hard a request is: one function, so that a better estimate replaces only this file. */

/** Difficulty tiers, easiest first. */
export const DIFFICULTY_TIERS = ["easy", "standard", "hard"] as const;

/** A difficulty tier. */
export type DifficultyTier = (typeof DIFFICULTY_TIERS)[number];

/** An estimate with its reasons. */
export interface Difficulty {
  readonly tier: DifficultyTier;
  /** 0 is easiest, 1 hardest. */
  readonly score: number;
  readonly reasons: readonly string[];
  /** Whether the client itself says so. */
  readonly isHinted: boolean;
}

/** Whether the name is a difficulty tier. */
export function isDifficultyTier(name: string): name is DifficultyTier {
  return DIFFICULTY_TIERS.some((tier) => tier === name);
}

interface Signal {
  readonly reason: string;
  readonly pattern: RegExp;
  /** What it adds to the score. */
  readonly weight: number;
}

/** Signs of hard and of easy asks. Heuristic: weights are judgement, not training. */
const SIGNALS: readonly Signal[] = [
  { reason: "asks for a proof", pattern: /\b(prove|proof|derive|theorem|lemma)\b/i, weight: 0.35 },
  {
    reason: "asks for design or architecture",
    pattern:
      /\b(architect(ure)?|design (a|an|the)|trade-?offs?|scalab\w+|distributed|concurren\w+|thread-safe|migrat\w+)\b/i,
    weight: 0.25,
  },
  {
    reason: "asks for debugging or refactoring",
    pattern:
      /\b(debug\w*|refactor\w*|race condition|deadlock|memory leak|optimi[sz]e\w*|root cause|fail(s|ing)?|broken|bug|stack ?trace|exception|crash\w*|segfault)\b/i,
    weight: 0.25,
  },
  {
    reason: "asks for reasoning in steps",
    pattern:
      /\b(step[- ]by[- ]step|think (hard|carefully)|analy[sz]e|compare|evaluate|review|strategy|plan)\b/i,
    weight: 0.15,
  },
  {
    reason: "asks for code",
    pattern:
      /```|\b(implement|algorithm|codebase|unit tests?|(write|create|build|make|add) (me )?(a|an|the|some)?( \w+){0,3} (function|class|program|script|tests?|app|component|endpoint|query|parser|server))\b/i,
    weight: 0.2,
  },
  {
    reason: "is a housekeeping prompt",
    pattern:
      /\b(generate|suggest|create|write) (a |an )?(concise |short |brief )?(chat )?(title|tags?|commit message|follow-?up)/i,
    weight: -0.4,
  },
  {
    reason: "asks for a short or mechanical answer",
    pattern:
      /\b(translate|spell|define|what is the capital|say (hi|hello)|yes or no|one word|in one sentence)\b/i,
    weight: -0.2,
  },
];

/** Text beyond this many characters is not scanned, so that a huge prompt costs no more. */
const SCAN_CHARS = 8_000;

/** One strong sign makes a short ask a standard one; hard takes several, or a long ask. */
const STANDARD_FROM = 0.2;
const HARD_FROM = 0.5;

/**
 * Estimates how hard the newest ask is; a hint (from the client's header) wins. Heuristic: half the
 * score is the ask's length on a logarithmic scale, the rest the signals above.
 *
 * @example
 * ```ts
 * import { estimateDifficulty } from "./difficulty.ts";
 * if (estimateDifficulty("Say hi", null).tier !== "easy") throw new Error();
 * if (estimateDifficulty("Say hi", "hard").tier !== "hard") throw new Error();
 * ```
 */
export function estimateDifficulty(ask: string, hint: DifficultyTier | null): Difficulty {
  if (hint !== null) {
    const score = { easy: 0, standard: 0.5, hard: 1 }[hint];
    return {
      tier: hint,
      score,
      reasons: ["the client's difficulty header says so"],
      isHinted: true,
    };
  }
  const text = ask.slice(0, SCAN_CHARS);
  const hits = SIGNALS.filter((signal) => signal.pattern.test(text));
  const lengthScore = lengthOf(ask);
  const sum = hits.reduce((total, signal) => total + signal.weight, lengthScore);
  const score = Math.min(1, Math.max(0, sum));
  const reasons = [
    `an ask of ${ask.length} ${ask.length === 1 ? "character" : "characters"}`,
    ...hits.map((signal) => signal.reason),
  ];
  return { tier: tierOf(score), score, reasons, isHinted: false };
}

/** 0 for up to 40 characters, 0.5 from 8,000 on, logarithmic between. */
function lengthOf(ask: string): number {
  const position = Math.log(Math.max(ask.length, 40) / 40) / Math.log(8_000 / 40);
  return 0.5 * Math.min(1, position);
}

/** The tier of a score. */
export function tierOf(score: number): DifficultyTier {
  if (score >= HARD_FROM) return "hard";
  return score >= STANDARD_FROM ? "standard" : "easy";
}

/** Placeholder until the model is there. */
export const SCORE_QUANTILES: readonly number[] = [];
