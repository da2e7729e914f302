/** The form of the answer: JSON mode and JSON schemas, where a server knows only one of them. */

import { type ChatMessage, type ChatRequest, textOfContent } from "../core/chat.ts";
import { type JsonObject, objectAt, stringAt } from "../core/json.ts";
import type { Quirks } from "./openai_quirk.ts";
import { pickFields } from "./openai_strict.ts";

/** A `response_format` as one server takes it. */
export interface FormatSetup {
  /** Undefined: not sent. */
  readonly format: JsonObject | undefined;
  /** What the model has to be told beside it; null: nothing. */
  readonly instruction: string | null;
}

/** What the encoding of a format needs to know. */
export interface FormatOptions {
  readonly quirks: Quirks;
  /** What is left out, to be told to the client. */
  readonly dropped: Set<string>;
}

const ASK_FOR_JSON = "Answer with a JSON object.";
const JSON_MODE = { "type": "json_object" } as const;
const FORMAT_TYPES: ReadonlySet<string> = new Set(["text", "json_object", "json_schema"]);
const FORMAT_KEYS = { "type": true, "json_schema": true } as const;
const SCHEMA_KEYS = {
  "name": true,
  "description": true,
  "schema": true,
  "strict": true,
} as const;

/** Encodes `response_format`. */
export function encodeFormat(request: ChatRequest, options: FormatOptions): FormatSetup {
  const { quirks } = options;
  const asked = request["response_format"] ?? null;
  if (asked === null) return { format: undefined, instruction: null };
  const format = quirks.isStrict ? sieveFormat(asked, options) : asked;
  const schema = objectAt(format, "json_schema");
  if (schema !== undefined && !quirks.jsonSchema) {
    return { format: JSON_MODE, instruction: describeSchema(schema) };
  }
  const needsWord = quirks.jsonWord && stringAt(format, "type") === "json_object" &&
    !saysJson(request.messages);
  return { format, instruction: needsWord ? ASK_FOR_JSON : null };
}

/** What several servers write as `{type: "json_object", schema}` is a schema to OpenAI. */
function sieveFormat(asked: JsonObject, { dropped }: FormatOptions): JsonObject | undefined {
  const type = stringAt(asked, "type") ?? "";
  if (!FORMAT_TYPES.has(type)) {
    dropped.add("response_format");
    return undefined;
  }
  const place = { path: "response_format", dropped };
  const bare = objectAt(asked, "schema");
  if (type === "json_object" && bare !== undefined) {
    return { "type": "json_schema", "json_schema": { "name": "answer", "schema": bare } };
  }
  const picked = pickFields(asked, FORMAT_KEYS, place);
  const schema = objectAt(picked, "json_schema");
  if (schema === undefined) return picked;
  const name = cleanName(stringAt(schema, "name") ?? "");
  const clean = pickFields(schema, SCHEMA_KEYS, place);
  const named = clean["name"] === name ? clean : { ...clean, "name": name };
  return named === schema ? picked : { ...picked, "json_schema": named };
}

function cleanName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 64) || "answer";
}

function describeSchema(schema: JsonObject): string {
  const about = stringAt(schema, "description") ?? "";
  const head = "Answer with one JSON value that is valid by this JSON schema, and nothing else";
  const text = JSON.stringify(schema["schema"] ?? {});
  return `${head}${about === "" ? "" : ` (${about})`}:\n${text}`;
}

/**
 * Whether the word stands in what comes before the first answer. Later messages do not count: what
 * they say must not change the start of a conversation, which prompt caches hold.
 */
function saysJson(messages: readonly ChatMessage[]): boolean {
  const end = messages.findIndex((message) => message.role === "user");
  const opening = messages.slice(0, end === -1 ? undefined : end + 1);
  return opening.some((message) => /json/i.test(textOfContent(message.content)));
}
