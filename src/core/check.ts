/** Checks of JSON values that combine: each tells what is wrong and where, relative to its value. */

import type { Issue } from "./issue.ts";
import { isJsonObject, type JsonValue } from "./json.ts";

/** Finds what is wrong with a value; paths are relative to it. Must return `NO_ISSUES` when nothing is. */
export type Check = (value: JsonValue) => readonly Issue[];

/** One empty list for all values that are right, so that the usual case allocates nothing. */
export const NO_ISSUES: readonly Issue[] = [];

/** Checks a value by a predicate; `message` says what it must be. */
export function must(test: (value: JsonValue) => boolean, message: string): Check {
  const issues = [{ path: "", message }];
  return (value) => test(value) ? NO_ISSUES : issues;
}

/** Accepts null, or what the check accepts. */
export function orNull(check: Check): Check {
  return (value) => value === null ? NO_ISSUES : check(value);
}

/** Accepts a number in a range. JSON's `1e999` is not one: it is read as infinity. */
export function numberBetween(min: number, max: number): Check {
  return must(
    (value) => typeof value === "number" && Number.isFinite(value) && value >= min && value <= max,
    `must be a number${describeRange(min, max)}`,
  );
}

/** Accepts an integer from `min` on. */
export function integerFrom(min: number): Check {
  return must(
    (value) => Number.isInteger(value) && Number(value) >= min,
    `must be an integer${describeRange(min, Infinity)}`,
  );
}

function describeRange(min: number, max: number): string {
  if (Number.isFinite(min) && Number.isFinite(max)) return ` from ${min} to ${max}`;
  return Number.isFinite(min) ? ` of at least ${min}` : "";
}

/** Accepts one of these strings. */
export function oneOf(names: readonly string[]): Check {
  const list = names.map((name) => `"${name}"`).join(", ");
  return must((value) => names.some((name) => name === value), `must be one of ${list}`);
}

/** The most issues that one check collects: more help nobody, and a huge body must not make millions. */
export const MAX_ISSUES = 20;

/** Accepts an array whose items the check accepts; `isFilled` refuses an empty one. */
export function arrayOf(
  item: Check,
  options: { readonly message: string; readonly isFilled?: boolean },
): Check {
  const wrong = [{ path: "", message: options.message }];
  return (value) => {
    if (!Array.isArray(value) || (options.isFilled && value.length === 0)) return wrong;
    let issues = NO_ISSUES;
    for (let index = 0; index < value.length && issues.length < MAX_ISSUES; index++) {
      const found = item(value[index]);
      if (found.length > 0) issues = [...issues, ...below(`[${index}]`, found)];
    }
    return issues;
  };
}

/** What an object's keys must hold. */
export interface ObjectShape {
  /** Must be there. */
  readonly required?: Readonly<Record<string, Check>>;
  /** May be absent. */
  readonly optional?: Readonly<Record<string, Check>>;
}

/** Accepts an object with this shape; keys that the shape doesn't name are left alone. */
export function objectWith(shape: ObjectShape): Check {
  const required = new Set(Object.keys(shape.required ?? {}));
  const fields = Object.entries({ ...shape.required, ...shape.optional });
  return (value) => {
    if (!isJsonObject(value)) return NOT_AN_OBJECT;
    let issues = NO_ISSUES;
    for (const [key, check] of fields) {
      const field = Object.hasOwn(value, key) ? value[key] : undefined;
      const found = field === undefined ? absent(required.has(key)) : check(field);
      if (found.length > 0) issues = [...issues, ...below(`.${key}`, found)];
    }
    return issues;
  };
}

const NOT_AN_OBJECT: readonly Issue[] = [{ path: "", message: "must be an object" }];
const REQUIRED: readonly Issue[] = [{ path: "", message: "is required" }];

function absent(isRequired: boolean): readonly Issue[] {
  return isRequired ? REQUIRED : NO_ISSUES;
}

/** The issues of a part, as issues of the whole: paths are built only when something is wrong. */
function below(prefix: string, issues: readonly Issue[]): readonly Issue[] {
  return issues.map((issue) => ({ ...issue, path: prefix + issue.path }));
}
