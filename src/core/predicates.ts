/** THE TABLE of what a rule's `when` can ask. */

import { allOf, anyOf, type Condition, notOf, readingText } from "./condition.ts";
import { DIFFICULTY_TIERS } from "./difficulty_tier.ts";
import type { Features } from "./features.ts";
import { failed, type Issue, nearestName, type Parsed, parsed } from "./issue.ts";
import { isJsonObject } from "./json.ts";
import { opaqueTerm } from "./term.ts";

/** One predicate: how its value is written, and what it means. */
export interface PredicateSpec {
  /** Its value, for messages: `a positive integer`. */
  readonly takes: string;
  /** One sentence for the docs. */
  readonly summary: string;
  /** Compiles the value; undefined when it isn't what `takes` says, or all that is wrong with it. */
  compile(value: unknown): Condition | { readonly errors: readonly string[] } | undefined;
}

/** THE TABLE: predicate name -> what it takes, means and tests. */
export const PREDICATES: ReadonlyMap<string, PredicateSpec> = new Map<string, PredicateSpec>([
  ["always", {
    takes: "true",
    summary: "Every request.",
    compile: (value) =>
      value === true ? { text: "always", test: () => true, terms: [] } : undefined,
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
    count("above", "Estimated input tokens above this number."),
  ],
  [
    "tokens_in_lt",
    count("below", "Estimated input tokens below this number."),
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
          ...isEqual({ subject: "model_alias_eq", operator: " ", value }, (f) => f.requestedModel),
          alias: value,
        }
        : undefined,
  }],
  ["difficulty", {
    takes: `one of ${DIFFICULTY_TIERS.map((tier) => `"${tier}"`).join(", ")}`,
    summary: "The estimated (or hinted) difficulty of the newest ask.",
    compile: (value) =>
      isName(value) && DIFFICULTY_TIERS.some((tier) => tier === value)
        ? isEqual({ subject: "difficulty", operator: " ", value }, (f) => f.difficulty.tier)
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
  if (!("errors" in condition)) return parsed(condition);
  return failed(...condition.errors.map((message) => ({ path, message })));
}

function combine(
  items: readonly Parsed<Condition>[],
  join: (conditions: readonly Condition[]) => Condition,
): Parsed<Condition> {
  const issues: Issue[] = items.flatMap((item) => item.ok ? [] : item.issues);
  if (issues.length > 0) return failed(...issues);
  return parsed(join(items.flatMap((item) => item.ok ? [item.value] : [])));
}

function negate(inner: Parsed<Condition>): Parsed<Condition> {
  return inner.ok ? parsed(notOf(inner.value)) : inner;
}

function flag(name: string, summary: string, read: (features: Features) => boolean): PredicateSpec {
  return {
    takes: "true or false",
    summary,
    compile: (value) => {
      if (typeof value !== "boolean") return undefined;
      const text = value ? name : `not ${name}`;
      const terms = [{ type: "is", subject: name, text, value }] as const;
      return { text, test: (features) => read(features) === value, terms };
    },
  };
}

function isEqual(
  demand: { readonly subject: string; readonly operator: string; readonly value: string },
  read: (features: Features) => string | undefined,
): Condition {
  const { subject, operator, value } = demand;
  const text = `${subject}${operator}"${value}"`;
  const terms = [{ type: "is", subject, text, value }] as const;
  return { text, test: (features) => read(features) === value, terms };
}

function count(type: "above" | "below", summary: string): PredicateSpec {
  const name = type === "above" ? "tokens_in_gt" : "tokens_in_lt";
  return {
    takes: "a positive integer",
    summary,
    compile: (limit) => {
      if (typeof limit !== "number" || !Number.isSafeInteger(limit) || limit <= 0) return undefined;
      const text = `${name} ${limit}`;
      const test = ({ inputTokens }: Features) =>
        type === "above" ? inputTokens > limit : inputTokens < limit;
      return { text, test, terms: [{ type, subject: "tokens_in", text, limit }] };
    },
  };
}

function regex(name: string, summary: string, read: (features: Features) => string): PredicateSpec {
  return {
    takes: "a regular expression (JavaScript syntax, `(?i)` in front ignores case)",
    summary,
    compile: (value) => {
      if (typeof value !== "string" || value === "") return undefined;
      const pattern = compileRegex(value);
      if ("errors" in pattern) return pattern;
      const text = `${name} /${value}/`;
      const terms = [opaqueTerm(text, [name, value])];
      return readingText({ text, terms, test: (f) => pattern.regex.test(read(f)) });
    },
  };
}

function compileRegex(
  source: string,
): { readonly regex: RegExp } | { readonly errors: readonly string[] } {
  const flags = /^\(\?([ims]+)\)/.exec(source);
  try {
    return { regex: new RegExp(source.slice(flags?.[0].length ?? 0), "u" + (flags?.[1] ?? "")) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { errors: [`is not a valid regular expression (${why})`] };
  }
}

function compileHeader(
  value: unknown,
): Condition | { readonly errors: readonly string[] } | undefined {
  if (!isJsonObject(value)) return undefined;
  const { name, equals, "any_value": anyValue, ...rest } = value;
  const unknown = Object.keys(rest);
  const errors = unknown.map((key) =>
    `has unknown key "${key}"; it takes name, and equals or any_value`
  );
  const isHeader = isName(name) && /^[!#$%&'*+.^_`|~\w-]+$/.test(name);
  if (!isHeader) errors.push('needs name = a header name, such as "x-team"');
  const isAny = anyValue === true && equals === undefined;
  const isText = typeof equals === "string" && anyValue === undefined;
  // An unknown key may be one of the two, mistyped.
  if (!isAny && !isText && unknown.length === 0) {
    errors.push('needs exactly one of equals = "text" and any_value = true');
  }
  if (!isHeader || errors.length > 0) return { errors };
  const key = name.toLowerCase();
  const subject = `header ${key}`;
  if (isText) {
    const demand = { subject, operator: " = ", value: equals };
    return readingText(isEqual(demand, (f) => f.headers.get(key)));
  }
  const test = (f: Features) => (f.headers.get(key) ?? "") !== "";
  const terms = [{ type: "present", subject, text: subject } as const];
  return readingText({ text: subject, test, terms });
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
