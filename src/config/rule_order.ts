/** The order of the rules: none may stand behind one that takes every request it could match. */

import type { Issue } from "../core/issue.ts";
import type { Condition } from "../core/condition.ts";
import type { RuleTarget } from "../core/rules.ts";
import { coversTerms, findContradiction } from "../core/term.ts";

/** What of a rule its place depends on; null where it has a fault that is told already. */
export interface OrderedRule {
  readonly name: string | undefined;
  readonly when: Condition | null;
  readonly primary: RuleTarget | null;
}

/** Finds the rules that can never match because of an earlier one. */
export function findUnreachable(rules: readonly OrderedRule[]): readonly Issue[] {
  return rules.flatMap((later, position) => {
    if (isContradictory(later)) return [];
    const index = rules.slice(0, position).findIndex((earlier) => hides(earlier, later));
    const shadow = rules[index];
    if (shadow === undefined) return [];
    const name = shadow.name === undefined ? "" : ` (${JSON.stringify(shadow.name)})`;
    return [{
      path: `rules[${position}]`,
      message: `can never match: rules[${index}]${name} ${describeCover(shadow, later)}`,
      hint: "move it up, or remove it",
    }];
  });
}

// A rule whose target is a header lets requests without that header pass on.
function hides(earlier: OrderedRule, later: OrderedRule): boolean {
  if (earlier.primary?.type !== "alias" || earlier.when === null) return false;
  return !isContradictory(earlier) && coversTerms(earlier.when.terms, later.when?.terms ?? []);
}

function isContradictory({ when }: OrderedRule): boolean {
  return when !== null && findContradiction(when.terms) !== null;
}

function describeCover(shadow: OrderedRule, later: OrderedRule): string {
  const terms = shadow.when?.terms ?? [];
  if (terms.length === 0) return "matches every request";
  if (coversTerms(later.when?.terms ?? [], terms)) return "has the same condition";
  return `takes all its requests (${shadow.when?.text})`;
}
