/** THE TABLE of what a rule's `when` can ask. */

import { DIFFICULTY_TIERS } from "./difficulty.ts";
import type { Features } from "./features.ts";
import { failed, type Issue, nearestName, type Parsed, parsed } from "./issue.ts";
import { isJsonObject } from "./json.ts";

/** A compiled condition. */
export interface Condition {
  /** As a person would write it: `tokens_in_gt 8000`. */
  readonly text: string;
  /** Whether the request meets it. */
  test(features: Features): boolean;
  /** It holds for every request: no later rule can ever match. */
  readonly isAlways?: boolean;
  /** The alias that it compares `model` with, to check that it exists. */
  readonly alias?: string;
}

/** One predicate: how its value is written, and what it means. */
export interface PredicateSpec {
  /** Its value, for messages: `a positive integer`. */
  readonly takes: string;
  /** One sentence for the docs. */
  readonly summary: string;
  /** Compiles the value, or undefined when it isn't what `takes` says. */
  compile(value: unknown): Condition | { readonly error: string } | undefined;
}

/** THE TABLE: predicate name -> what it takes, means and tests. */
export const PREDICATES: ReadonlyMap<string, PredicateSpec> = new Map<string, PredicateSpec>([
  ["always", {
    takes: "true",
    summary: "Every request.",
    compile: (value) =>
      value === true ? { text: "always", test: () => true, isAlways: true } : undefined,
  }],
  [
    "has_tools",
    flag(
      "has_tools",
      "Requests with tools, or with tool calls in their history.",
      (f) => f.hasTools,
    ),
  ],
  ["has_images", flag("has_images", "Requests with an image in any message.", (f) => f.hasImages)],
  [
    "tokens_in_gt",
    count("tokens_in_gt", "Estimated input tokens above this number.", (f, n) => f.inputTokens > n),
  ],
  [
    "tokens_in_lt",
    count("tokens_in_lt", "Estimated input tokens below this number.", (f, n) => f.inputTokens < n),
  ],
  [
    "system_matches",
    regex(
      "system_matches",
      "A regular expression found in the system prompt.",
      (f) => f.systemText,
    ),
  ],
  [
    "prompt_matches",
    regex(
      "prompt_matches",
      "A regular expression found in the newest user message.",
      (f) => f.askText,
    ),
  ],
  ["model_alias_eq", {
    takes: "an alias, a profile or another model name",
    summary: "The request's `model` is exactly this.",
    compile: (value) =>
      isName(value)
        ? {
          text: `model_alias_eq "${value}"`,
          test: (f) => f.requestedModel === value,
          alias: value,
        }
        : undefined,
  }],
  ["difficulty", {
    takes: `one of ${DIFFICULTY_TIERS.map((tier) => `"${tier}"`).join(", ")}`,
    summary: "The estimated (or hinted) difficulty of the newest ask.",
    compile: (value) =>
      DIFFICULTY_TIERS.some((tier) => tier === value)
        ? { text: `difficulty "${value}"`, test: (f) => f.difficulty.tier === value }
        : undefined,
  }],
  ["header", {
    takes: '{ name = "x-name", equals = "text" } or { name = "x-name", any_value = true }',
    summary: "A request header that has this value, or any.",
    compile: compileHeader,
  }],
]);

/** The names that combine conditions. */
export const COMBINATORS = ["all", "any", "not"] as const;

const MAX_DEPTH = 32;

/** Compiles a rule's `when`; several keys in one table must all hold. */
export function parseCondition(value: unknown, path: string, depth = 0): Parsed<Condition> {
  if (!isJsonObject(value)) return failed({ path, message: "must be a table of predicates" });
  if (depth > MAX_DEPTH) return failed({ path, message: `is nested more than ${MAX_DEPTH} deep` });
  const keys = Object.keys(value);
  if (keys.length === 0) {
    return failed({
      path,
      message: "is empty",
      hint: "use `always = true` to match every request",
    });
  }
  return combine(keys.map((key) => parseEntry(key, value[key], { path, depth })), allOf);
}

function parseEntry(
  key: string,
  value: unknown,
  at: { readonly path: string; readonly depth: number },
): Parsed<Condition> {
  const path = `${at.path}.${key}`;
  if (key === "not") return negate(parseCondition(value, path, at.depth + 1));
  if (key === "all" || key === "any") {
    if (!Array.isArray(value) || value.length === 0) {
      return failed({ path, message: "must be a non-empty array of predicate tables" });
    }
    const items = value.map((item, index) =>
      parseCondition(item, `${path}[${index}]`, at.depth + 1)
    );
    return combine(items, key === "all" ? allOf : anyOf);
  }
  return parsePredicate(key, value, path);
}

function parsePredicate(name: string, value: unknown, path: string): Parsed<Condition> {
  const spec = PREDICATES.get(name);
  if (spec === undefined) {
    const known = [...PREDICATES.keys(), ...COMBINATORS];
    const near = nearestName(name, known);
    const hint = near ? `did you mean "${near}"?` : `known predicates: ${known.join(", ")}`;
    return failed({ path, message: "is not a known predicate", hint });
  }
  const condition = spec.compile(value);
  if (condition === undefined) return failed({ path, message: `must be ${spec.takes}` });
  return "error" in condition ? failed({ path, message: condition.error }) : parsed(condition);
}

function combine(
  items: readonly Parsed<Condition>[],
  join: (conditions: readonly Condition[]) => Condition,
): Parsed<Condition> {
  const issues: Issue[] = items.flatMap((item) => item.ok ? [] : item.issues);
  if (issues.length > 0) return failed(...issues);
  return parsed(join(items.flatMap((item) => item.ok ? [item.value] : [])));
}

function allOf(conditions: readonly Condition[]): Condition {
  const [only] = conditions;
  if (only !== undefined && conditions.length === 1) return only;
  return {
    text: conditions.map((condition) => condition.text).join(" and "),
    test: (features) => conditions.every((condition) => condition.test(features)),
    isAlways: conditions.every((condition) => condition.isAlways === true),
  };
}

function anyOf(conditions: readonly Condition[]): Condition {
  return {
    text: `(${conditions.map((condition) => condition.text).join(" or ")})`,
    test: (features) => conditions.some((condition) => condition.test(features)),
    isAlways: conditions.some((condition) => condition.isAlways === true),
  };
}

function negate(inner: Parsed<Condition>): Parsed<Condition> {
  if (!inner.ok) return inner;
  const condition = inner.value;
  return parsed({
    text: `not (${condition.text})`,
    test: (features) => !condition.test(features),
  });
}

function flag(name: string, summary: string, read: (features: Features) => boolean): PredicateSpec {
  return {
    takes: "true or false",
    summary,
    compile: (value) =>
      typeof value === "boolean"
        ? { text: value ? name : `not ${name}`, test: (features) => read(features) === value }
        : undefined,
  };
}

function count(
  name: string,
  summary: string,
  test: (features: Features, limit: number) => boolean,
): PredicateSpec {
  return {
    takes: "a positive integer",
    summary,
    compile: (value) =>
      typeof value === "number" && Number.isSafeInteger(value) && value > 0
        ? { text: `${name} ${value}`, test: (features) => test(features, value) }
        : undefined,
  };
}

function regex(name: string, summary: string, read: (features: Features) => string): PredicateSpec {
  return {
    takes: "a regular expression (JavaScript syntax, `(?i)` in front ignores case)",
    summary,
    compile: (value) => {
      if (typeof value !== "string" || value === "") return undefined;
      const pattern = compileRegex(value);
      if ("error" in pattern) return pattern;
      return { text: `${name} /${value}/`, test: (features) => pattern.regex.test(read(features)) };
    },
  };
}

function compileRegex(source: string): { readonly regex: RegExp } | { readonly error: string } {
  const flags = /^\(\?([ims]+)\)/.exec(source);
  try {
    return { regex: new RegExp(source.slice(flags?.[0].length ?? 0), "u" + (flags?.[1] ?? "")) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { error: `is not a valid regular expression (${why})` };
  }
}

function compileHeader(value: unknown): Condition | { readonly error: string } | undefined {
  if (!isJsonObject(value)) return undefined;
  const { name, equals, "any_value": anyValue, ...rest } = value;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) {
    return { error: `has unknown key "${unknown}"; it takes name, and equals or any_value` };
  }
  if (!isName(name) || !/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
    return { error: 'needs name = a header name, such as "x-team"' };
  }
  const key = name.toLowerCase();
  if (anyValue === true && equals === undefined) {
    return { text: `header ${key}`, test: (f) => (f.headers.get(key) ?? "") !== "" };
  }
  if (typeof equals === "string" && anyValue === undefined) {
    return { text: `header ${key} = "${equals}"`, test: (f) => f.headers.get(key) === equals };
  }
  return { error: 'needs exactly one of equals = "text" and any_value = true' };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
