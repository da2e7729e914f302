/** How well scores route, as RouteLLM measures it: https://arxiv.org/abs/2406.18665 */

/** One prompt with a router's score and the quality of both answers. */
export interface Scored {
  /** The prompts with the highest scores go to the strong model first. */
  readonly score: number;
  readonly weak: number;
  readonly strong: number;
}

/** One corner of the curve of PGR over the share of calls that the strong model gets. */
export interface Corner {
  readonly share: number;
  /** The performance gap recovered: 0 with no strong call; 1 with all. */
  readonly pgr: number;
}

/** A mean gap smaller than this makes PGR, which divides by it, meaningless. */
const LEAST_GAP = 0.005;

/**
 * The exact curve of PGR(c) = (r(c) − mean weak) / (mean strong − mean weak). Tied scores go to the
 * strong model in random order, so in expectation the curve is straight across them. Null where
 * strong answers are no better.
 */
function curveOf(scored: readonly Scored[]): readonly Corner[] | null {
  const total = scored.reduce((sum, { weak, strong }) => sum + strong - weak, 0);
  if (total / Math.max(1, scored.length) < LEAST_GAP) return null;
  const sorted = scored.toSorted((a, b) => b.score - a.score);
  const corners: Corner[] = [{ share: 0, pgr: 0 }];
  let gained = 0;
  for (const [index, { score, weak, strong }] of sorted.entries()) {
    gained += strong - weak;
    if (sorted[index + 1]?.score === score) continue;
    corners.push({ share: (index + 1) / sorted.length, pgr: gained / total });
  }
  return corners;
}

/** APGR = ∫ PGR(c) dc over 0..1; a random order has 0.5. Null where strong answers are no better. */
export function apgrOf(scored: readonly Scored[]): number | null {
  const corners = curveOf(scored);
  if (corners === null) return null;
  return corners.reduce((area, { share, pgr }, index) => {
    const before = corners[index - 1];
    return before === undefined ? area : area + (share - before.share) * (pgr + before.pgr) / 2;
  }, 0);
}

/** CPT(x): the smallest share of strong calls with PGR ≥ `target`. */
export function cptOf(scored: readonly Scored[], target: number): number | null {
  const corners = curveOf(scored);
  if (corners === null) return null;
  for (const [index, { share, pgr }] of corners.entries()) {
    const before = corners[index - 1];
    if (pgr < target) continue;
    if (before === undefined) return share;
    return before.share + (share - before.share) * (target - before.pgr) / (pgr - before.pgr);
  }
  return 1;
}
