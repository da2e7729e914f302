/** `[[rules]]` -> Rule[]: targets that exist, names that differ, and rules that can be reached. */

import { type Issue, nearestName } from "../core/issue.ts";
import { parseCondition } from "../core/predicates.ts";
import type { Rule, RuleTarget } from "../core/rules.ts";
import { checkName, HEADER_TARGET_PREFIX } from "./name.ts";
import type { RuleTable } from "./schema.ts";

/** The rules that could be built, and what is wrong with the others. */
export interface RuleEntries {
  readonly rules: readonly Rule[];
  readonly issues: readonly Issue[];
}

interface IndexedRule {
  readonly index: number;
  readonly rule: Rule;
}

/** Aliases named in a message when none is near. */
const MAX_LISTED_ALIASES = 20;

const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;

/** Builds the rules. A table that is null has errors that are told already. */
export function buildRules(
  tables: readonly (RuleTable | null)[],
  aliases: readonly string[],
): RuleEntries {
  const built: IndexedRule[] = [];
  const issues: Issue[] = [];
  for (const [index, table] of tables.entries()) {
    if (table === null) continue;
    const path = `rules[${index}]`;
    const condition = parseCondition(table.when, `${path}.when`);
    const targetIssues = [
      ...checkName(table.name, `${path}.name`),
      ...(condition.ok ? [] : condition.issues),
      ...checkTargets(table, { path, aliases }),
    ];
    issues.push(...targetIssues);
    if (!condition.ok || targetIssues.length > 0) continue;
    const { primary, cascade } = table.then;
    const rule = {
      name: table.name,
      when: condition.value,
      primary: parseTarget(primary),
      cascade,
    };
    built.push({ index, rule });
  }
  const rules = built.map((entry) => entry.rule);
  return { rules, issues: [...issues, ...findRepeatedNames(tables), ...findUnreachable(built)] };
}

function parseTarget(primary: string): RuleTarget {
  if (!primary.startsWith(HEADER_TARGET_PREFIX)) return { type: "alias", alias: primary };
  return { type: "header", header: primary.slice(HEADER_TARGET_PREFIX.length).toLowerCase() };
}

function checkTargets(
  table: RuleTable,
  at: { readonly path: string; readonly aliases: readonly string[] },
): readonly Issue[] {
  const path = `${at.path}.then`;
  const target = parseTarget(table.then.primary);
  const primaryIssues = target.type === "alias"
    ? checkAliasExists(target.alias, `${path}.primary`, at.aliases)
    : checkHeaderName(target.header, `${path}.primary`);
  const cascadeIssues = table.then.cascade.flatMap((alias, index) =>
    checkAliasExists(alias, `${path}.cascade[${index}]`, at.aliases)
  );
  return [...primaryIssues, ...cascadeIssues];
}

function checkHeaderName(name: string, path: string): readonly Issue[] {
  if (HEADER_NAME.test(name)) return [];
  return [{
    path,
    message: "must name a header after $header:",
    hint: 'such as "$header:x-pirouter-route"',
  }];
}

function checkAliasExists(alias: string, path: string, aliases: readonly string[]): Issue[] {
  if (aliases.includes(alias)) return [];
  const near = nearestName(alias, aliases);
  const listed = aliases.slice(0, MAX_LISTED_ALIASES).join(", ");
  const all = aliases.length > MAX_LISTED_ALIASES ? `${listed}, …` : listed;
  const known = aliases.length === 0 ? "add it to [models]" : `known aliases: ${all}`;
  return [{
    path,
    message: `names ${JSON.stringify(alias)}, which is not in [models]`,
    hint: near === undefined ? known : `did you mean ${JSON.stringify(near)}?`,
  }];
}

function findRepeatedNames(tables: readonly (RuleTable | null)[]): readonly Issue[] {
  const names = tables.map((table) => table?.name);
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

function findUnreachable(built: readonly IndexedRule[]): readonly Issue[] {
  return built.flatMap((later, position) => {
    const shadow = built.slice(0, position).find((earlier) => hides(earlier.rule, later.rule));
    if (shadow === undefined) return [];
    const { index, rule } = shadow;
    const why = rule.when.isAlways === true ? "matches every request" : "has the same condition";
    return [{
      path: `rules[${later.index}]`,
      message: `can never match: rules[${index}] (${JSON.stringify(rule.name)}) ${why}`,
      hint: "move it up, or remove it",
    }];
  });
}

// A rule whose target is a header lets requests without that header pass on.
function hides(earlier: Rule, later: Rule): boolean {
  if (earlier.primary.type === "header") return false;
  return earlier.when.isAlways === true || earlier.when.text === later.when.text;
}
