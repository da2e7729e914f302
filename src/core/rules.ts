/** The user's rules: the first that matches decides. */

import type { Features } from "./features.ts";
import type { Condition } from "./condition.ts";

/** What a rule picks: an alias, or the alias that a request header names. */
export type RuleTarget =
  | { readonly type: "alias"; readonly alias: string }
  | { readonly type: "header"; readonly header: string };

/** One `[[rules]]` entry. */
export interface Rule {
  readonly name: string;
  readonly when: Condition;
  readonly primary: RuleTarget;
  /** Aliases of the candidates after the primary, in order. */
  readonly cascade: readonly string[];
}

/** A rule that matched, and the alias it picked. */
export interface RuleMatch {
  readonly rule: Rule;
  /** Not checked: a header can name anything. */
  readonly alias: string;
}

/** What came of the rules: a match or none, and a line on each rule that was passed over. */
export interface RuleOutcome {
  readonly match: RuleMatch | null;
  readonly passed: readonly string[];
}

/** Finds the first rule that matches. A rule whose target header the request lacks is passed over. */
export function matchRules(rules: readonly Rule[], features: Features): RuleOutcome {
  const passed: string[] = [];
  for (const rule of rules) {
    if (!rule.when.test(features)) {
      passed.push(`rule "${rule.name}" does not match: ${rule.when.text}`);
      continue;
    }
    const alias = aliasOf(rule.primary, features);
    if (alias !== "") return { match: { rule, alias }, passed };
    passed.push(`rule "${rule.name}" matches, but its header is not in the request`);
  }
  return { match: null, passed };
}

function aliasOf(target: RuleTarget, features: Features): string {
  return target.type === "alias" ? target.alias : features.headers.get(target.header)?.trim() ?? "";
}
