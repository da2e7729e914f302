/** Tools, as Ollama takes them: there is no `tool_choice`, and its Go types are strict. */

import type { ChatRequest, Tool, ToolChoice } from "../core/chat.ts";
import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  objectAt,
  stringAt,
} from "../core/json.ts";

/** A tool as `/api/chat` takes it. */
export interface OllamaTool extends JsonObject {
  readonly type: "function";
  readonly function: JsonObject & {
    readonly name: string;
    readonly description?: string;
    readonly parameters: JsonObject & { readonly type: "object" };
  };
}

/** The tools to send, and what could not be said. */
export interface EncodedTools {
  /** Those of the request that are sent. */
  readonly chosen: readonly Tool[];
  readonly tools: readonly OllamaTool[];
  readonly dropped: readonly string[];
}

/**
 * Puts the tools into the dialect. `tool_choice` becomes a choice of which tools are sent at all:
 * none of them, or only the named ones; that one of them *must* be called can't be said.
 */
export function encodeTools(request: ChatRequest): EncodedTools {
  const offered = request.tools ?? [];
  const choice = readChoice(request["tool_choice"]);
  const functions = offered.filter((tool) => isFunctionTool(tool));
  const named = functions.filter((tool) => isChosen(tool, choice.names));
  // A choice among tools that are not there is none.
  const isIdle = named.length === 0 && (choice.names?.size ?? 0) > 0;
  const chosen = isIdle ? functions : named;
  return {
    chosen,
    tools: chosen.map(encodeTool),
    dropped: [
      ...(functions.length < offered.length ? ["tools"] : []),
      ...(choice.isForced || isIdle ? ["tool_choice"] : []),
    ],
  };
}

interface Choice {
  /** The only tools to send; null: all of them. */
  readonly names: ReadonlySet<string> | null;
  /** The client insists on a call. */
  readonly isForced: boolean;
}

/** https://platform.openai.com/docs/api-reference/chat/create (`tool_choice`) */
function readChoice(choice: ToolChoice | null | undefined): Choice {
  if (choice === "none") return { names: new Set(), isForced: false };
  if (choice === "required") return { names: null, isForced: true };
  if (!isJsonObject(choice)) return { names: null, isForced: false };
  const allowed = objectAt(choice, "allowed_tools");
  if (allowed !== undefined) {
    const names = arrayAt(allowed, "tools").map((tool) =>
      stringAt(objectAt(tool, "function"), "name")
    );
    return {
      names: new Set(names.filter((name) => name !== undefined)),
      isForced: stringAt(allowed, "mode") === "required",
    };
  }
  const name = stringAt(objectAt(choice, "function"), "name");
  return { names: name === undefined ? null : new Set([name]), isForced: true };
}

function isChosen(tool: Tool, names: ReadonlySet<string> | null): boolean {
  return names === null || names.has(tool.function?.name ?? "");
}

function isFunctionTool(tool: Tool): boolean {
  return tool.type === "function" && tool.function !== undefined;
}

function encodeTool(tool: Tool): OllamaTool {
  const { name = "", description, parameters } = tool.function ?? {};
  return {
    "type": "function",
    "function": {
      "name": name,
      ...(typeof description === "string" ? { "description": description } : {}),
      "parameters": encodeParameters(parameters ?? {}),
    },
  };
}

/**
 * Makes a JSON schema one that Ollama's `ToolFunctionParameters` can be read from: its type is one
 * string, and each property is an object (JSON Schema also knows `true` and `false`).
 */
function encodeParameters(schema: JsonObject): JsonObject & { readonly type: "object" } {
  const properties = objectAt(schema, "properties") ?? {};
  return { ...schema, "type": "object", "properties": encodeProperties(properties) };
}

function encodeProperties(properties: JsonObject): JsonObject {
  const entries = Object.entries(properties).map((
    [name, schema],
  ) => [name, encodeProperty(schema)]);
  return Object.fromEntries(entries);
}

function encodeProperty(schema: JsonValue | undefined): JsonObject {
  if (!isJsonObject(schema)) return {};
  const nested = objectAt(schema, "properties");
  return nested === undefined ? schema : { ...schema, "properties": encodeProperties(nested) };
}
