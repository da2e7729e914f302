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
 * The known name nearest to a mistyped one, or undefined when none is near (Damerau-free
 * Levenshtein distance at most a third of the longer name).
 *
 * @example
 * ```ts
 * import { nearestName } from "./issue.ts";
 * if (nearestName("tokns_in_gt", ["always", "tokens_in_gt"]) !== "tokens_in_gt") throw new Error();
 * ```
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    const limit = Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3));
    if (distance <= limit && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(
        Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1),
      );
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
