/** OpenAI's own schemas, as validators; where they are missing the tests that need them say so. */

import { Ajv, type ValidateFunction } from "ajv";
import assert from "node:assert/strict";
import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  objectAt,
  stringAt,
} from "../../src/core/json.ts";

/** The schemas that tests use. */
export type SchemaName =
  | "CreateChatCompletionRequest"
  | "CreateChatCompletionResponse"
  | "CreateChatCompletionStreamResponse"
  | "ErrorResponse"
  | "ListModelsResponse"
  | "Model"
  | "CompletionUsage";

/** The folder that is looked in unless this variable names another one. */
const FOLDER_VARIABLE = "PIROUTER_CONFORMANCE";
const FILE = "openai-chat-subset.openapi.json";

/** Beside the checkout. */
const DEFAULT_FOLDER = "../shared/conformance";

const FOLDER = Deno.env.get(FOLDER_VARIABLE) ?? DEFAULT_FOLDER;
const DOCUMENT = await readDocument();
const AJV = new Ajv({ strict: false, validateFormats: false, allErrors: true });
const SCHEMAS = rewriteNullable(DOCUMENT);
if (isJsonObject(SCHEMAS)) AJV.addSchema(SCHEMAS, "openai");
const VALIDATORS = new Map<SchemaName, ValidateFunction>();

/** A test that needs the schemas; without them it is skipped, and its name says why. */
export function conformanceTest(name: string, run: () => void | Promise<void>): void {
  if (DOCUMENT !== null) return Deno.test(name, run);
  const reason = `skipped: no ${FILE} in ${FOLDER}; ${FOLDER_VARIABLE} may name another folder`;
  Deno.test({ name: `${name} (${reason})`, ignore: true, fn: run });
}

/** Fails with all that the schema has against the value. */
export function assertSchema(name: SchemaName, value: JsonValue, label: string): void {
  const faults = findSchemaFaults(name, value);
  assert.deepEqual(faults, [], `${label}: no ${name}: ${JSON.stringify(value)}`);
}

/** What the schema has against the value; none when it is valid. */
export function findSchemaFaults(name: SchemaName, value: JsonValue): readonly string[] {
  // What an undefined field of a value is, JSON does not have.
  const validate = validatorOf(name);
  if (validate(JSON.parse(JSON.stringify(value)))) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) =>
    `${instancePath} ${message ?? "is invalid"}`
  );
}

/** The names of an object schema's properties, those of its `allOf` included. */
export function listProperties(name: string): readonly string[] {
  return DOCUMENT === null ? [] : propertiesOf(schemaOf(DOCUMENT, name), DOCUMENT);
}

/**
 * OpenAPI 3.0's `nullable` as JSON Schema has it: null beside the type, in the enum too; beside a
 * reference or a choice, as one more alternative.
 */
export function rewriteNullable(schema: JsonValue): JsonValue {
  if (Array.isArray(schema)) return schema.map((item: JsonValue) => rewriteNullable(item));
  if (!isJsonObject(schema)) return schema;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, rewriteNullable(value ?? null)]),
  );
  if (nullable !== true) return nullable === undefined ? rest : { ...rest, nullable };
  const { type } = rest;
  if (typeof type !== "string") return { "anyOf": [rest, { "type": "null" }] };
  const values = arrayAt(rest, "enum");
  const withNull = values.length === 0 ? {} : { "enum": [...values, null] };
  return { ...rest, "type": [type, "null"], ...withNull };
}

function validatorOf(name: SchemaName): ValidateFunction {
  const known = VALIDATORS.get(name);
  if (known !== undefined) return known;
  const validator = AJV.compile({ "$ref": `openai#/components/schemas/${name}` });
  VALIDATORS.set(name, validator);
  return validator;
}

function propertiesOf(schema: JsonObject, document: JsonObject): readonly string[] {
  const reference = stringAt(schema, "$ref");
  if (reference !== undefined) {
    return propertiesOf(schemaOf(document, reference.split("/").at(-1) ?? ""), document);
  }
  const parts = arrayAt(schema, "allOf").filter(isJsonObject);
  const own = Object.keys(objectAt(schema, "properties") ?? {});
  return [...new Set([...own, ...parts.flatMap((part) => propertiesOf(part, document))])];
}

function schemaOf(document: JsonObject, name: string): JsonObject {
  const schemas = objectAt(objectAt(document, "components"), "schemas");
  return objectAt(schemas, name) ?? assert.fail(`no schema ${name}`);
}

async function readDocument(): Promise<JsonObject | null> {
  const checkout = new URL("../../", import.meta.url);
  try {
    const value = JSON.parse(await Deno.readTextFile(new URL(`${FOLDER}/${FILE}`, checkout)));
    return isJsonObject(value) ? value : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
