/** Structured output and reasoning, in Ollama's words. */

import type { ChatRequest } from "../core/chat.ts";
import { type JsonObject, objectAt, stringAt, valueAt } from "../core/json.ts";
import {
  readReasoning,
  REASONING_FIELDS,
  type ReasoningLevel,
  type ReasoningWish,
} from "../core/reasoning.ts";
import type { UpstreamCall } from "./adapter.ts";
import { listUnknown } from "./ollama_dropped.ts";

/** How much a model thinks: a switch, or a level. */
export type OllamaThink = boolean | string;

/**
 * `format` for a `response_format`: `"json"` for any JSON object, else the JSON schema itself.
 * https://docs.ollama.com/capabilities/structured-outputs
 */
export function encodeFormat(request: ChatRequest): { readonly format?: string | JsonObject } {
  const format = request["response_format"];
  const type = valueAt(format ?? undefined, "type");
  if (type === "json_object") return { "format": "json" };
  if (type !== "json_schema") return {};
  return { "format": objectAt(objectAt(format ?? undefined, "json_schema"), "schema") ?? "json" };
}

/**
 * `think`, in whichever vendor's words the client asks for reasoning. Only when it asks: a model that
 * can't think refuses it. https://docs.ollama.com/capabilities/thinking
 */
export function encodeThink(
  { request, refusedFields }: Pick<UpstreamCall, "request" | "refusedFields">,
): { readonly think?: OllamaThink } {
  const wish = refusedFields.has("think") ? null : readReasoning(request);
  return wish === null ? {} : { "think": thinkOf(wish, request) };
}

/** Names what the client asked for here and Ollama has no word for. */
export function listDroppedFormats(
  { request, refusedFields }: Pick<UpstreamCall, "request" | "refusedFields">,
): readonly string[] {
  const type = stringAt(request["response_format"] ?? undefined, "type") ?? "text";
  const said = refusedFields.has("think") ? [] : readReasoning(request)?.fields ?? [];
  const unsaid = REASONING_FIELDS.filter((field) =>
    (request[field] ?? null) !== null && !said.includes(field)
  );
  return [
    ...(FORMAT_TYPES.has(type) ? listOfFormat(request["response_format"]) : ["response_format"]),
    ...unsaid,
  ];
}

/** The name is a label, and `strict` asks for what Ollama does with every schema. */
function listOfFormat(format: ChatRequest["response_format"]): readonly string[] {
  const path = "response_format";
  const schema = valueAt(format ?? undefined, "json_schema");
  return [
    ...listUnknown(format, { path, known: ["type", "json_schema"] }),
    ...listUnknown(schema, { path: `${path}.json_schema`, known: ["name", "strict", "schema"] }),
  ];
}

/** A level where the client named one or a number of tokens, else the switch alone. */
function thinkOf(wish: ReasoningWish, request: ChatRequest): OllamaThink {
  if (wish.level === "none") return false;
  const hasAmount = wish.budgetTokens !== null || wish.field === "reasoning_effort" ||
    typeof request["think"] === "string" ||
    (valueAt(request["reasoning"] ?? undefined, "effort") ?? null) !== null;
  return hasAmount ? THINK_OF_LEVEL[wish.level] : true;
}

const FORMAT_TYPES: ReadonlySet<string> = new Set(["text", "json_object", "json_schema"]);

/** `max` is newer than the other levels, so only a client that names it gets it. */
const THINK_OF_LEVEL: Readonly<Record<Exclude<ReasoningLevel, "none">, string>> = {
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "max",
};
