/** One table of the file against its schema: every problem in our own words, none of them a value. */

import * as v from "valibot";
import { type Issue, nearestName } from "../core/issue.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";

/** The schema of a table. */
export type TableSchema = v.StrictObjectSchema<v.ObjectEntries, string>;

/** One table as far as it could be read. A config that has any fault is never run with. */
export interface Section<T> {
  /**
   * Its fields. One that has a fault counts as left out, so that all others are still checked; a
   * faulty item of an array is null, so that the others keep their places.
   */
  readonly table: T;
  /** The fields whose fault is told: that they are missing, or what follows from it, is not. */
  readonly faulty: ReadonlySet<string>;
  readonly issues: readonly Issue[];
}

/** Appends a key to a path, quoted where TOML wants that: `models."llama3.2"`. */
export function joinPath(path: string, key: string): string {
  const step = /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
  return path === "" ? step : `${path}.${step}`;
}

/** Whether the value is a table: no array, no date. */
export function isTable(value: unknown): value is JsonObject {
  return isJsonObject(value) && !(value instanceof Date);
}

/**
 * Checks a table against its schema; all problems at once, each of its unknown keys among them.
 * No field of the schema may be required: what is missing is told by who knows the next step.
 */
export function parseSection<S extends TableSchema>(
  schema: S,
  value: unknown,
  at: { readonly path: string; readonly hint: string },
): Section<v.InferOutput<S>> {
  const known = Object.keys(schema.entries);
  if (!isTable(value)) {
    const issue = { path: at.path, message: schema.message, hint: at.hint };
    return { table: v.parse(schema, {}), faulty: new Set(known), issues: [issue] };
  }
  const faults = (v.safeParse(schema, value).issues ?? [])
    .filter((issue) => issue.expected !== "never");
  return {
    table: v.parse(schema, keepSound(value, { known, faults })),
    faulty: new Set([
      ...faults.map((fault) => stepOf(fault, 0)),
      ...findIntended(value, known).filter((key) => !Object.hasOwn(value, key)),
    ]),
    issues: [
      ...findUnknownKeys(value, { path: at.path, known }),
      ...faults.map((fault) => describeFault(fault, at.path)),
    ],
  };
}

/** The issues of the keys that a table does not know, each with the nearest name or all names. */
export function findUnknownKeys(
  value: JsonObject,
  at: { readonly path: string; readonly known: readonly string[] },
): readonly Issue[] {
  return Object.keys(value).filter((key) => !at.known.includes(key)).map((key) => {
    const near = nearestName(key, at.known);
    const hint = near ? `did you mean "${near}"?` : `known keys: ${at.known.join(", ")}`;
    return { path: joinPath(at.path, key), message: "is not a known key", hint };
  });
}

/** The known keys that unknown ones seem to mean: who mistypes a key has not left it out. */
export function findIntended(value: JsonObject, known: readonly string[]): readonly string[] {
  return Object.keys(value).flatMap((key) =>
    known.includes(key) ? [] : nearestName(key, known) ?? []
  );
}

type Fault = v.BaseIssue<unknown>;

function keepSound(
  value: JsonObject,
  parts: { readonly known: readonly string[]; readonly faults: readonly Fault[] },
): unknown {
  const present = parts.known.filter((key) => Object.hasOwn(value, key));
  return Object.fromEntries(present.map((key) => {
    const own = parts.faults.filter((fault) => stepOf(fault, 0) === key);
    return [key, own.length === 0 ? value[key] : keepSoundItems(value[key], own)];
  }));
}

function keepSoundItems(field: unknown, faults: readonly Fault[]): unknown {
  const places = new Set(faults.map((fault) => stepOf(fault, 1)));
  if (!Array.isArray(field) || places.has("")) return undefined;
  return field.map((item, index) => places.has(String(index)) ? null : item);
}

function stepOf(fault: Fault, index: number): string {
  return String(fault.path?.[index]?.key ?? "");
}

function describeFault(fault: Fault, base: string): Issue {
  const path = (fault.path ?? []).reduce(
    (joined, step) =>
      step.type === "array" ? `${joined}[${String(step.key)}]` : joinPath(joined, String(step.key)),
    base,
  );
  return { path, message: fault.message };
}
