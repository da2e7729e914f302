/** One table of the file against its schema: every problem in our own words, none of them a value. */

import * as v from "valibot";
import { failed, type Issue, nearestName, type Parsed, parsed } from "../core/issue.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";

/** The schema of a table. */
export type TableSchema = v.StrictObjectSchema<v.ObjectEntries, string>;

/** Appends a key to a path, quoted where TOML wants that: `models."llama3.2"`. */
export function joinPath(path: string, key: string): string {
  const step = /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
  return path === "" ? step : `${path}.${step}`;
}

/** Checks a table against its schema; all problems at once, each of its unknown keys among them. */
export function parseSection<S extends TableSchema>(
  schema: S,
  value: unknown,
  path: string,
): Parsed<v.InferOutput<S>> {
  const result = v.safeParse(schema, value);
  const unknown = isJsonObject(value) ? findUnknownKeys(schema, value, path) : [];
  if (result.success && unknown.length === 0) return parsed(result.output);
  const issues = (result.issues ?? []).filter((issue) => issue.expected !== "never")
    .map((issue) => describeIssue(issue, path));
  return failed(...unknown, ...issues);
}

/** The issue of a key that its table does not know, with the nearest name or all names. */
export function describeUnknownKey(path: string, key: string, known: readonly string[]): Issue {
  const near = nearestName(key, known);
  const hint = near ? `did you mean "${near}"?` : `known keys: ${known.join(", ")}`;
  return { path: joinPath(path, key), message: "is not a known key", hint };
}

// The schema's own check stops at a table's first unknown key.
function findUnknownKeys(schema: TableSchema, value: JsonObject, path: string): Issue[] {
  const known = Object.keys(schema.entries);
  return Object.keys(value).flatMap((key) => {
    if (!Object.hasOwn(schema.entries, key)) return [describeUnknownKey(path, key, known)];
    const inner = unwrapOptional(schema.entries[key]);
    const child = value[key];
    if (!isTableSchema(inner) || !isJsonObject(child)) return [];
    return findUnknownKeys(inner, child, joinPath(path, key));
  });
}

function unwrapOptional(schema: unknown): unknown {
  return isJsonObject(schema) && schema["type"] === "optional" ? schema["wrapped"] : schema;
}

function isTableSchema(schema: unknown): schema is TableSchema {
  return isJsonObject(schema) && schema["type"] === "strict_object";
}

function describeIssue(issue: v.BaseIssue<unknown>, base: string): Issue {
  const steps = issue.path ?? [];
  const path = steps.reduce(
    (joined, step) =>
      step.type === "array" ? `${joined}[${String(step.key)}]` : joinPath(joined, String(step.key)),
    base,
  );
  const isMissing = steps.at(-1)?.origin === "key";
  return { path, message: isMissing ? "is missing" : issue.message };
}
