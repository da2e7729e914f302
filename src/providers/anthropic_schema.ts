/** JSON schemas in the subset that Anthropic's structured output compiles. */

import { isJsonObject, type JsonObject, type JsonValue, objectAt } from "../core/json.ts";

/** Constraints that the vendor refuses; the model can still read them in the description. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
]);

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const NESTED: ReadonlyMap<string, "schema" | "list" | "map"> = new Map([
  ["items", "schema"],
  ["anyOf", "list"],
  ["oneOf", "list"],
  ["allOf", "list"],
  ["properties", "map"],
  ["$defs", "map"],
  ["definitions", "map"],
]);

/**
 * Closes every object (`additionalProperties: false`), maps left aside, and moves constraints that the vendor does
 * not compile into the description, where the model still reads them; `oneOf` becomes `anyOf`.
 * Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 */
export function closeSchema(schema: JsonObject): JsonObject {
  const kept: Record<string, JsonValue> = {};
  const described: string[] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (value === undefined || key === "$schema") continue;
    if (isUnsupported(key, value)) described.push(`${key}: ${JSON.stringify(value)}`);
    else kept[key === "oneOf" ? "anyOf" : key] = closeNested(key, value);
  }
  if (isObjectSchema(schema) && !isJsonObject(schema["additionalProperties"])) {
    kept["additionalProperties"] = false;
  }
  if (described.length === 0) return kept;
  const description = typeof schema["description"] === "string" ? schema["description"] : "";
  kept["description"] = `${description} {${described.join(", ")}}`.trim();
  return kept;
}

/** The schema with `type: "object"`, which Anthropic demands of a tool's input. */
export function toInputSchema(
  parameters: JsonObject | undefined,
): JsonObject & { readonly type: "object" } {
  return { ...parameters, "type": "object" };
}

/** The schema of a `response_format` of type `json_schema`; null for other formats. */
export function answerSchemaOf(format: JsonValue | undefined): JsonObject | null {
  if (!isJsonObject(format) || format["type"] !== "json_schema") return null;
  return objectAt(objectAt(format, "json_schema"), "schema") ?? { "type": "object" };
}

/**
 * Whether the model's structured output can be held to the schema. It closes every object: one with
 * entries of any name could only be empty.
 */
export function compilesSchema(
  schema: JsonObject,
  traits: { readonly structuredOutput: boolean },
): boolean {
  return traits.structuredOutput && !isOpen(schema);
}

/** Words of JSON schema that a closed object can't keep. */
const OPEN_WORDS = ["patternProperties", "propertyNames", "not", "if", "dependentSchemas"] as const;

/** Whether the schema, or one in it, leaves the names of an object's entries open. */
function isOpen(value: JsonValue | undefined): boolean {
  if (!isJsonObject(value)) return false;
  const entries = value["additionalProperties"];
  if (entries === true || isJsonObject(entries)) return true;
  if (OPEN_WORDS.some((word) => value[word] !== undefined)) return true;
  const isShaped = ["properties", "anyOf", "oneOf", "allOf", "$ref", "enum", "const"]
    .some((word) => value[word] !== undefined);
  if ([value["type"]].flat().includes("object") && !isShaped && entries !== false) return true;
  return [...NESTED].some(([word, shape]) => {
    const nested = value[word];
    if (shape === "list") return Array.isArray(nested) && nested.some(isOpen);
    if (shape === "schema") return isOpen(nested);
    return isJsonObject(nested) && Object.values(nested).some(isOpen);
  });
}

function isObjectSchema(schema: JsonObject): boolean {
  const types = [schema["type"]].flat();
  return types.includes("object") || isJsonObject(schema["properties"]);
}

function isUnsupported(key: string, value: JsonValue): boolean {
  if (key === "minItems") return value !== 0 && value !== 1;
  return UNSUPPORTED.has(key);
}

function closeNested(key: string, value: JsonValue): JsonValue {
  const shape = NESTED.get(key);
  if (shape === "list" && Array.isArray(value)) return value.map(closeValue);
  if (shape === "schema") return closeValue(value);
  if (shape !== "map" || !isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, nested]) => [name, closeValue(nested ?? null)]),
  );
}

function closeValue(value: JsonValue): JsonValue {
  return isJsonObject(value) ? closeSchema(value) : value;
}
