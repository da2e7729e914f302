/** Routers that are not trained, to compare with. */

/** A router: a score for each ask, higher for what should go to the strong model. */
export type Router = (ask: string) => number;

/** Signs of hard and of easy asks with hand-set weights: how routers without a model do it. */
const KEYWORDS: readonly (readonly [RegExp, number])[] = [
  [/\b(prove|proof|derive|theorem|lemma)\b/i, 0.35],
  [/\b(architect\w*|design (a|an|the)|trade-?offs?|scalab\w+|distributed|concurren\w+)\b/i, 0.25],
  [
    /\b(debug\w*|refactor\w*|race condition|deadlock|optimi[sz]e\w*|bug|exception|crash\w*)\b/i,
    0.25,
  ],
  [/\b(step[- ]by[- ]step|analy[sz]e|compare|evaluate|review|strategy|plan)\b/i, 0.15],
  [/```|\b(implement|algorithm|codebase|unit tests?|function|class|program|script)\b/i, 0.2],
  [/\b(generate|suggest|create|write) (a |an )?(concise |short |brief )?(title|tags?)/i, -0.4],
  [/\b(translate|spell|define|what is the capital|yes or no|in one sentence)\b/i, -0.2],
];

/** Baselines by name. */
export const BASELINES: ReadonlyMap<string, Router> = new Map<string, Router>([
  // All scores tie, and ties are broken at random.
  ["random", () => 0],
  ["length", (ask) => ask.length],
  ["keywords + length", scoreKeywords],
]);

/** Half the score is the length on a logarithmic scale from 40 to 8,000 characters. */
function scoreKeywords(ask: string): number {
  const text = ask.slice(0, 8_000);
  const length = Math.log(Math.max(ask.length, 40) / 40) / Math.log(8_000 / 40);
  const hits = KEYWORDS.filter(([pattern]) => pattern.test(text));
  const sum = hits.reduce((total, [, weight]) => total + weight, 0.5 * Math.min(1, length));
  return Math.min(1, Math.max(0, sum));
}
