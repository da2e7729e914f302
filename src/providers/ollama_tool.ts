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
  const chosen = functions.filter((tool) => isChosen(tool, choice.names));
  const isStrict = chosen.some((tool) => tool.function?.strict === true);
  return {
    tools: chosen.map(encodeTool),
    dropped: [
      ...offered.flatMap((tool, index) => isFunctionTool(tool) ? [] : [`tools[${index}]`]),
      ...(isStrict ? ["tools.function.strict"] : []),
      ...(choice.isForced ? ["tool_choice"] : []),
    ],
  };
}

interface Choice {
  /** The only tools to send; null: all of them. */
  readonly names: readonly string[] | null;
  /** The client insists on a call. */
  readonly isForced: boolean;
}

/** https://platform.openai.com/docs/api-reference/chat/create (`tool_choice`) */
function readChoice(choice: ToolChoice | null | undefined): Choice {
  if (choice === "none") return { names: [], isForced: false };
  if (choice === "required") return { names: null, isForced: true };
  if (!isJsonObject(choice)) return { names: null, isForced: false };
  const allowed = objectAt(choice, "allowed_tools");
  if (allowed !== undefined) {
    const names = arrayAt(allowed, "tools").map((tool) =>
      stringAt(objectAt(tool, "function"), "name")
    );
    return {
      names: names.filter((name) => name !== undefined),
      isForced: stringAt(allowed, "mode") === "required",
    };
  }
  const name = stringAt(objectAt(choice, "function"), "name");
  return { names: name === undefined ? null : [name], isForced: true };
}

function isChosen(tool: Tool, names: readonly string[] | null): boolean {
  return names === null || names.includes(tool.function?.name ?? "");
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
