/** JSON values as the compiler sees them, and the few readers that outside data needs. */

/** Any JSON value. */
export type JsonValue = null | boolean | number | string | JsonArray | JsonObject;

/** A JSON array. */
export type JsonArray = readonly JsonValue[];

/** A JSON object. A key that is `undefined` is left out by `JSON.stringify`. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** Whether the value is a JSON object (not null, not an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The own property `key`, or undefined: never something inherited, such as `constructor`. */
export function valueAt(source: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(source) && Object.hasOwn(source, key) ? source[key] : undefined;
}

/** The own property `key` when it is a string. */
export function stringAt(source: JsonValue | undefined, key: string): string | undefined {
  const value = valueAt(source, key);
  return typeof value === "string" ? value : undefined;
}

/** The own property `key` when it is a finite number. */
export function numberAt(source: JsonValue | undefined, key: string): number | undefined {
  const value = valueAt(source, key);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The own property `key` when it is an object. */
export function objectAt(source: JsonValue | undefined, key: string): JsonObject | undefined {
  const value = valueAt(source, key);
  return isJsonObject(value) ? value : undefined;
}

/** The own property `key` when it is an array, else an empty array. */
export function arrayAt(source: JsonValue | undefined, key: string): JsonArray {
  const value = valueAt(source, key);
  return Array.isArray(value) ? value : [];
}
