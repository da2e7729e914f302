/** A rule's `then`: aliases that exist, or the header that names one. */

import { type Issue, nearestName } from "../core/issue.ts";
import type { RuleTarget } from "../core/rules.ts";
import { HEADER_TARGET_PREFIX } from "./name.ts";
import type { ThenTable } from "./schema.ts";

/** The aliases that `[models]` has. */
export interface KnownAliases {
  readonly aliases: readonly string[];
  /** Those with `enabled = false`. */
  readonly disabled: ReadonlySet<string>;
  /** Those with `type = "embeddings"`, which no chat request can go to. */
  readonly embeddings: ReadonlySet<string>;
  /** Whether `[models]` could be read: an alias that it lacks does not exist. */
  readonly isWhole: boolean;
}

/** Where the table stands, and what it refers to. */
interface TargetContext {
  /** `rules[n].then`. */
  readonly path: string;
  readonly known: KnownAliases;
}

/** Aliases named in a message when none is near. */
const MAX_LISTED_ALIASES = 20;

const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;

/** Reads a `primary`. */
export function parseTarget(primary: string): RuleTarget {
  if (!primary.startsWith(HEADER_TARGET_PREFIX)) return { type: "alias", alias: primary };
  return { type: "header", header: primary.slice(HEADER_TARGET_PREFIX.length).toLowerCase() };
}

/** Checks that what a rule picks exists, is for chat, is named once and can be used. */
export function checkTargets(table: ThenTable, context: TargetContext): readonly Issue[] {
  const target = table.primary === undefined ? null : parseTarget(table.primary);
  const primaryPath = `${context.path}.primary`;
  const header = target?.type === "header" ? checkHeaderName(target.header, primaryPath) : [];
  const alias = target?.type === "alias"
    ? checkAlias(target.alias, primaryPath, context.known)
    : [];
  const picked = target?.type === "alias" ? [target.alias] : [];
  return [
    ...header,
    ...alias,
    ...checkCascade(table.cascade, { ...context, picked }),
    ...(picked.length > 0 ? checkEnabled([...picked, ...table.cascade], context) : []),
  ];
}

function checkCascade(
  cascade: ThenTable["cascade"],
  context: TargetContext & { readonly picked: readonly string[] },
): readonly Issue[] {
  return cascade.flatMap((alias, index) => {
    if (alias === null) return [];
    const path = `${context.path}.cascade[${index}]`;
    const missing = checkAlias(alias, path, context.known);
    const isRepeated = context.picked.includes(alias) || cascade.indexOf(alias) < index;
    if (missing.length > 0 || !isRepeated) return missing;
    const message = `names ${JSON.stringify(alias)} again`;
    const hint = "remove it: a request asks each model once";
    return [{ path, message, hint, severity: "warning" }];
  });
}

function checkEnabled(
  aliases: readonly (string | null)[],
  { path, known }: TargetContext,
): readonly Issue[] {
  if (!aliases.every((alias) => alias !== null && known.disabled.has(alias))) return [];
  return [{
    path,
    message: `names disabled models only (${[...new Set(aliases)].join(", ")})`,
    hint: "requests that the rule takes are refused: remove enabled = false, or the rule",
    severity: "warning",
  }];
}

function checkHeaderName(name: string, path: string): readonly Issue[] {
  if (HEADER_NAME.test(name)) return [];
  return [{
    path,
    message: "must name a header after $header:",
    hint: 'for example "$header:x-pirouter-route"',
  }];
}

function checkAlias(alias: string, path: string, known: KnownAliases): readonly Issue[] {
  const { aliases, isWhole } = known;
  if (known.embeddings.has(alias)) return [describeEmbeddings(alias, path)];
  if (!isWhole || aliases.includes(alias)) return [];
  const near = nearestName(alias, aliases);
  const listed = aliases.slice(0, MAX_LISTED_ALIASES).join(", ");
  const all = aliases.length > MAX_LISTED_ALIASES ? `${listed}, …` : listed;
  const next = aliases.length === 0 ? "add it to [models]" : `known aliases: ${all}`;
  return [{
    path,
    message: `names ${JSON.stringify(alias)}, which is not in [models]`,
    hint: near === undefined ? next : `did you mean ${JSON.stringify(near)}?`,
  }];
}

function describeEmbeddings(alias: string, path: string): Issue {
  return {
    path,
    message: `names ${JSON.stringify(alias)}, which is an embeddings model`,
    hint: "rules route chat requests: name a model of type chat",
  };
}
