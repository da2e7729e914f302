/** Structured output and reasoning, in Ollama's words. */

import type { ChatRequest } from "../core/chat.ts";
import { type JsonObject, objectAt, stringAt, valueAt } from "../core/json.ts";

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
 * `think` for a `reasoning_effort`, or a client's own `think`. Only when the client asks: a model
 * that can't think refuses it. https://docs.ollama.com/capabilities/thinking
 */
export function encodeThink(request: ChatRequest): { readonly think?: OllamaThink } {
  const own = request["think"];
  if (typeof own === "boolean" || typeof own === "string") return { "think": own };
  const think = THINK_OF_EFFORT.get(request["reasoning_effort"] ?? "");
  return think === undefined ? {} : { "think": think };
}

/** Names what the client asked for here and Ollama has no word for. */
export function listDroppedFormats(request: ChatRequest): readonly string[] {
  const type = stringAt(request["response_format"] ?? undefined, "type") ?? "text";
  const effort = request["reasoning_effort"] ?? null;
  return [
    ...(FORMAT_TYPES.has(type) ? [] : ["response_format"]),
    ...(effort === null || THINK_OF_EFFORT.has(effort) ? [] : ["reasoning_effort"]),
  ];
}

const FORMAT_TYPES: ReadonlySet<string> = new Set(["text", "json_object", "json_schema"]);

/** `max` is newer than the other levels, so only a client that names it gets it. */
const THINK_OF_EFFORT: ReadonlyMap<string, OllamaThink> = new Map<string, OllamaThink>([
  ["none", false],
  ["minimal", "low"],
  ["low", "low"],
  ["medium", "medium"],
  ["high", "high"],
  ["xhigh", "high"],
  ["max", "max"],
]);
