/** What is wrong with outside data, said so that its author can mend it. */
export interface Issue {
  /** Where: a path such as `rules[2].when.tokens_in_gt`, or `line 4, column 2`. */
  readonly path: string;
  /** What is wrong, as a predicate of the path: `must be a positive integer`. */
  readonly message: string;
  /** The next step, such as `did you mean "tokens_in_gt"?`. */
  readonly hint?: string;
  /** A warning is shown, yet does not stop the daemon. Absent means an error. */
  readonly severity?: "error" | "warning";
}

/** A parsed value, or every reason why there is none. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Wraps a parsed value. */
export function parsed<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** Wraps the reasons why there is no value. */
export function failed<T>(...issues: readonly Issue[]): Parsed<T> {
  return { ok: false, issues };
}

/**
 * The known name nearest to a mistyped one, or undefined when none is near: an edit distance of at
 * most a third of the longer name. When no whole name is near, a name that begins with the mistyped
 * words counts (distance at most a fifth of those words): `tokns` is near `tokens_in_gt`.
 *
 * @example
 * ```ts
 * import { nearestName } from "./issue.ts";
 * if (nearestName("tokns_in_gt", ["always", "tokens_in_gt"]) !== "tokens_in_gt") throw new Error();
 * if (nearestName("tokns", ["always", "tokens_in_gt"]) !== "tokens_in_gt") throw new Error();
 * ```
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const names = [...known];
  const whole = names.map((candidate) => ({ candidate, compared: candidate }));
  return findNearest(name, whole, (length) => Math.floor(length / 3)) ??
    findNearest(name, names.flatMap(listBeginnings), (length) => Math.floor(length / 5));
}

interface Comparison {
  readonly candidate: string;
  /** The candidate, or what it begins with. */
  readonly compared: string;
}

/** Shorter first words, such as `has` and `max`, say too little. */
const MIN_BEGINNING_LENGTH = 4;

function listBeginnings(candidate: string): readonly Comparison[] {
  const words = candidate.split("_");
  return words.slice(1).map((_, index) => words.slice(0, index + 1).join("_"))
    .filter((compared) => compared.length >= MIN_BEGINNING_LENGTH)
    .map((compared) => ({ candidate, compared }));
}

function findNearest(
  name: string,
  comparisons: readonly Comparison[],
  limitOf: (length: number) => number,
): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const { candidate, compared } of comparisons) {
    const distance = editDistance(name.toLowerCase(), compared.toLowerCase());
    if (distance > limitOf(Math.max(name.length, compared.length))) continue;
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(Math.min(
        (previous[column - 1] ?? 0) + (isSame ? 0 : 1),
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        isSwapped ? (before[column - 2] ?? Infinity) + 1 : Infinity,
      ));
    }
    [before, previous] = [previous, current];
  }
  return previous[b.length] ?? 0;
}
