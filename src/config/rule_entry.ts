/** `[[rules]]` -> Rule[]: conditions, targets that exist, names that differ. */

import type { Issue } from "../core/issue.ts";
import type { Condition } from "../core/condition.ts";
import { parseCondition } from "../core/predicates.ts";
import type { Rule } from "../core/rules.ts";
import { findContradiction } from "../core/term.ts";
import type { RuleSection } from "./document.ts";
import { checkRuleName } from "./name.ts";
import { findUnreachable } from "./rule_order.ts";
import { checkTargets, type KnownAliases, parseTarget } from "./rule_target.ts";

export type { KnownAliases } from "./rule_target.ts";

/** The rules that could be built, and what is wrong with the others. */
export interface RuleEntries {
  readonly rules: readonly Rule[];
  readonly issues: readonly Issue[];
}

/** Builds the rules; each part of each is checked, whatever is wrong with the others. */
export function buildRules(
  sections: readonly RuleSection[],
  known: KnownAliases,
): RuleEntries {
  const built = sections.map((section, index) => buildRule(section, { index, known }));
  const names = sections.map((section) => section.table.name);
  const order = built.map(({ when, primary }, index) => ({ name: names[index], when, primary }));
  return {
    rules: built.flatMap(({ name, when, primary, cascade }) =>
      name === undefined || when === null || primary === null
        ? []
        : [{ name, when, primary, cascade }]
    ),
    issues: [
      ...built.flatMap((rule) => rule.issues),
      ...findRepeatedNames(names),
      ...findUnreachable(order),
    ],
  };
}

/** A rule as far as it could be read. */
interface BuiltRule {
  readonly name: string | undefined;
  readonly when: Condition | null;
  readonly primary: Rule["primary"] | null;
  readonly cascade: Rule["cascade"];
  readonly issues: readonly Issue[];
}

function buildRule(
  section: RuleSection,
  at: { readonly index: number; readonly known: KnownAliases },
): BuiltRule {
  const path = `rules[${at.index}]`;
  const { name, when } = section.table;
  const { primary, cascade } = section.then.table;
  const condition = when === undefined ? null : parseCondition(when, `${path}.when`);
  return {
    name,
    when: condition?.ok ? condition.value : null,
    primary: primary === undefined ? null : parseTarget(primary),
    cascade: cascade.filter((alias) => alias !== null),
    issues: [
      ...section.issues,
      ...(name === undefined ? [] : checkRuleName(name, `${path}.name`)),
      ...(condition === null ? [] : checkCondition(condition, `${path}.when`)),
      ...describeMissing(section, path),
      ...section.then.issues,
      ...checkTargets(section.then.table, { path: `${path}.then`, known: at.known }),
    ],
  };
}

function checkCondition(
  condition: ReturnType<typeof parseCondition>,
  path: string,
): readonly Issue[] {
  if (!condition.ok) return condition.issues;
  const contradiction = findContradiction(condition.value.terms);
  if (contradiction === null) return [];
  const { first, second } = contradiction;
  return [{
    path,
    message: `can never match: no request has ${first.text} and ${second.text}`,
    hint: "change one of them, or remove the rule",
  }];
}

/** What a rule must have -> the next step when it is missing. */
const REQUIRED = {
  "name": 'add name = "<a name of its own>"',
  "when": "add when = { <predicate> }, or when = { always = true } for every request",
  "then": 'add then = { primary = "<alias>" }',
} as const;

const REQUIRED_KEYS = ["name", "when", "then"] as const;

function describeMissing(section: RuleSection, path: string): readonly Issue[] {
  const missing = REQUIRED_KEYS.filter((key) =>
    section.table[key] === undefined && !section.faulty.has(key)
  ).map((key) => ({ path: `${path}.${key}`, message: "is missing", hint: REQUIRED[key] }));
  const { table, faulty } = section.then;
  const hasThen = section.table.then !== undefined;
  if (!hasThen || table.primary !== undefined || faulty.has("primary")) return missing;
  const hint = 'add primary = "<alias>"';
  return [...missing, { path: `${path}.then.primary`, message: "is missing", hint }];
}

function findRepeatedNames(names: readonly (string | undefined)[]): readonly Issue[] {
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    return [{
      path: `rules[${index}].name`,
      message: `is ${JSON.stringify(name)} like that of rules[${first}]`,
      hint: "give each rule its own name: the ledger counts by it",
    }];
  });
}
