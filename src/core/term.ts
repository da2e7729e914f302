/** What a condition demands, as a list of terms that must all hold: enough to compare two rules. */

interface NamedTerm {
  /** What it asks about: `tokens_in`, `header x-team`; of an opaque term its text. */
  readonly subject: string;
  /** As a person would write it: `tokens_in_gt 8000`. */
  readonly text: string;
}

/** One demand. An opaque term is known by its text alone: a regular expression, an `any`, a `not`. */
export type Term =
  | NamedTerm & { readonly type: "is"; readonly value: string | boolean }
  | NamedTerm & { readonly type: "above" | "below"; readonly limit: number }
  | NamedTerm & { readonly type: "present" | "opaque" };

/** Two terms that no request can meet together. */
export interface Contradiction {
  readonly first: Term;
  readonly second: Term;
}

/** Whether every request that meets all terms of `narrow` meets all of `wide` too. */
export function coversTerms(wide: readonly Term[], narrow: readonly Term[]): boolean {
  return wide.every((demand) => narrow.some((given) => implies(given, demand)));
}

/** The first two terms that exclude each other; null when there are none. */
export function findContradiction(terms: readonly Term[]): Contradiction | null {
  for (const [index, second] of terms.entries()) {
    const first = terms.slice(0, index).find((term) => excludes(term, second));
    if (first !== undefined) return { first, second };
  }
  return null;
}

/** The term of a condition that can only be the same as another: `parts` tell it from all others. */
export function opaqueTerm(text: string, parts: readonly unknown[]): Term {
  return { type: "opaque", subject: JSON.stringify(parts), text };
}

function implies(given: Term, demand: Term): boolean {
  if (given.subject !== demand.subject) return false;
  switch (demand.type) {
    case "is":
      return given.type === "is" && given.value === demand.value;
    case "above":
      return given.type === "above" && given.limit >= demand.limit;
    case "below":
      return given.type === "below" && given.limit <= demand.limit;
    case "present":
      return given.type === "present" || (given.type === "is" && given.value !== "");
    case "opaque":
      return given.type === "opaque";
  }
}

function excludes(first: Term, second: Term): boolean {
  if (first.subject !== second.subject) return false;
  if (first.type === "is" && second.type === "is") return first.value !== second.value;
  if (first.type === "above" && second.type === "below") return isEmpty(first, second);
  if (first.type === "below" && second.type === "above") return isEmpty(second, first);
  return false;
}

// Counts are whole numbers: none lies above 5 and below 6.
function isEmpty(above: { readonly limit: number }, below: { readonly limit: number }): boolean {
  return below.limit - above.limit <= 1;
}
