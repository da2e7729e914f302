/** Tools and the choice among them, as OpenAI's reference names them. */

import type OpenAI from "openai";
import type { ChatRequest, Tool, ToolChoice } from "../core/chat.ts";
import { arrayAt, isJsonObject, type JsonObject, objectAt, stringAt } from "../core/json.ts";
import { nameOfTool, renameTool } from "./openai_name.ts";
import { isNothing, type KnownKeys, pickFields, type StrictOptions } from "./openai_strict.ts";

type FunctionTool = OpenAI.Chat.Completions.ChatCompletionFunctionTool;
type CustomTool = OpenAI.Chat.Completions.ChatCompletionCustomTool;

/** THE TABLE of tools that the endpoint knows: what they hold, by type. */
const SPEC_KEYS: ReadonlyMap<string, KnownKeys> = new Map<string, KnownKeys>([
  [
    "function",
    {
      "name": true,
      "description": true,
      "parameters": true,
      "strict": true,
    } satisfies Record<keyof FunctionTool["function"], true>,
  ],
  [
    "custom",
    {
      "name": true,
      "description": true,
      "format": true,
    } satisfies Record<keyof CustomTool["custom"], true>,
  ],
]);

/** The fields of a request that say which tools there are; undefined leaves a field out. */
export interface ToolFields {
  readonly tools: readonly Tool[] | undefined;
  readonly "tool_choice": ToolChoice | undefined;
  readonly "parallel_tool_calls": boolean | undefined;
}

/** Encodes the tools for a strict server. */
export function encodeStrictTools(request: ChatRequest, options: StrictOptions): ToolFields {
  const tools = sieveTools(request.tools ?? [], options);
  const parallel = request["parallel_tool_calls"] ?? undefined;
  const choice = request["tool_choice"] ?? undefined;
  if (tools.length === 0) {
    if (choice !== undefined) options.dropped.add("tool_choice");
    if (parallel !== undefined) options.dropped.add("parallel_tool_calls");
    return { tools: undefined, "tool_choice": undefined, "parallel_tool_calls": undefined };
  }
  const sent = choice === undefined ? null : sieveChoice(choice, {
    ...options,
    defined: new Set(tools.map((tool) => typedName(tool.type, nameOfTool(tool) ?? ""))),
  });
  if (choice !== undefined && sent === null) options.dropped.add("tool_choice");
  return { tools, "tool_choice": sent ?? undefined, "parallel_tool_calls": parallel };
}

/** The first tool of each name, without what the reference does not name. */
function sieveTools(tools: readonly Tool[], options: StrictOptions): readonly Tool[] {
  const first = new Map<string, Tool>();
  for (const tool of tools) {
    const keys = SPEC_KEYS.get(tool.type);
    const name = nameOfTool(tool);
    if (keys === undefined || name === undefined || !isJsonObject(tool[tool.type])) {
      options.dropped.add("tools");
      continue;
    }
    const clean = renameTool(sieveTool(tool, keys, options), options.names.toWire(name));
    const known = first.get(name);
    if (known === undefined) first.set(name, clean);
    else if (JSON.stringify(known) !== JSON.stringify(clean)) options.dropped.add("tools");
  }
  return [...first.values()];
}

function sieveTool(tool: Tool, keys: KnownKeys, { dropped }: StrictOptions): Tool {
  const place = { path: "tools", dropped };
  const picked = pickFields(tool, { "type": true, [tool.type]: true }, place);
  const spec = objectAt(picked, tool.type) ?? {};
  const clean = typeParameters(pickFields(spec, keys, place));
  return clean === spec ? picked : { ...picked, [tool.type]: clean };
}

/** OpenAI refuses parameters that do not say that they are an object. */
function typeParameters(spec: JsonObject): JsonObject {
  const parameters = objectAt(spec, "parameters");
  if (parameters === undefined || !isNothing(parameters["type"])) return spec;
  if (Object.keys(parameters).length === 0) return spec;
  return { ...spec, "parameters": { ...parameters, "type": "object" } };
}

interface ChoiceOptions extends StrictOptions {
  /** The types and names of the tools that are defined. */
  readonly defined: ReadonlySet<string>;
}

/** The choice in a form that the endpoint knows; null when it has none, or names no defined tool. */
function sieveChoice(choice: ToolChoice, options: ChoiceOptions): ToolChoice | null {
  if (!isJsonObject(choice)) return choice;
  const type = stringAt(choice, "type") ?? "";
  if (type === "allowed_tools") return sieveAllowed(choice, options);
  return SPEC_KEYS.has(type) ? sieveNamed(choice, options) : null;
}

function typedName(type: string, name: string): string {
  return `${type} ${name}`;
}

function sieveNamed(choice: JsonObject, { names, defined }: ChoiceOptions): JsonObject | null {
  const type = stringAt(choice, "type") ?? "";
  const name = names.toWire(stringAt(choice[type], "name") ?? "");
  const isDefined = defined.has(typedName(type, name));
  return isDefined ? { "type": type, [type]: { "name": name } } : null;
}

function sieveAllowed(choice: JsonObject, options: ChoiceOptions): JsonObject | null {
  const allowed = objectAt(choice, "allowed_tools") ?? {};
  const listed = arrayAt(allowed, "tools").filter(isJsonObject);
  const kept = listed.map((tool) => sieveNamed(tool, options)).filter((tool) => tool !== null);
  if (kept.length === 0) return null;
  if (kept.length < listed.length) options.dropped.add("tool_choice");
  const mode = allowed["mode"] === "required" ? "required" : "auto";
  return { "type": "allowed_tools", "allowed_tools": { "mode": mode, "tools": kept } };
}
