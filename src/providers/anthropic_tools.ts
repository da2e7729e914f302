/** Tools and the choice among them; a JSON schema as a tool for models without structured output. */

import type Anthropic from "@anthropic-ai/sdk";
import { type ChatRequest, functionOfCall, type Tool } from "../core/chat.ts";
import { arrayAt, isJsonObject, type JsonObject, objectAt, stringAt } from "../core/json.ts";
import { readCacheMark } from "./anthropic_block.ts";
import { WireNames } from "./wire_name.ts";
import type { EncodingNotes } from "./anthropic_notes.ts";
import { answerSchemaOf, closeSchema, compilesSchema, toInputSchema } from "./anthropic_schema.ts";
import type { ClaudeTraits } from "./anthropic_traits.ts";

/** The names of a request's tools, both ways; the same request always gives the same names. */
export interface ToolNames {
  /** The wire name of the client's tool; a name that the request does not hold stays as it is. */
  toWire(name: string): string;
  /** The client's name of a tool on the wire. */
  fromWire(name: string): string;
  /** The names of tools that the history calls, on the wire, each once. */
  readonly called: readonly string[];
  /** The tool whose input is the answer; null when the answer is plain text. */
  readonly answerTool: string | null;
}

/** The tools of a request on the wire. */
export interface ToolSetup {
  readonly tools: readonly JsonObject[];
  /** Null: the vendor's default. */
  readonly choice: JsonObject | null;
  /** Whether the choice forces a call, which excludes thinking. */
  readonly isForced: boolean;
}

/** What the encoding of tools needs to know. */
export interface ToolOptions {
  readonly notes: EncodingNotes;
  readonly names: ToolNames;
  readonly traits: ClaudeTraits;
}

/** https://platform.claude.com/docs/en/api/messages: `^[a-zA-Z0-9_-]{1,128}$`. */
const MAX_NAME_LENGTH = 128;
const ANSWER_TOOL = "json_answer";

/** Names a request's tools: those it defines, those its history calls, and the answer's own. */
export function nameTools(request: ChatRequest, traits: ClaudeTraits): ToolNames {
  const wire = new WireNames(MAX_NAME_LENGTH);
  const toWire = new Map<string, string>();
  const called = new Set<string>();
  const learn = (name: string): string => {
    const known = toWire.get(name) ?? wire.assign(name);
    toWire.set(name, known);
    return known;
  };
  for (const tool of functionTools(request)) learn(tool.function.name);
  for (const message of request.messages) {
    for (const call of message["tool_calls"] ?? []) called.add(learn(functionOfCall(call).name));
  }
  const fromWire = new Map([...toWire].map(([name, wireName]) => [wireName, name]));
  return {
    toWire: (name) => toWire.get(name) ?? name,
    fromWire: (name) => fromWire.get(name) ?? name,
    called: [...called],
    answerTool: needsAnswerTool(request, traits) ? wire.assign(ANSWER_TOOL) : null,
  };
}

/** Encodes tools, `tool_choice` and `parallel_tool_calls`. */
export function encodeTools(request: ChatRequest, options: ToolOptions): ToolSetup {
  const { names, notes } = options;
  const own = defineTools(request, options);
  const answerTool = defineAnswerTool(request, names);
  if (own.length === 0) {
    if (request["tool_choice"] === "required" || isJsonObject(request["tool_choice"])) {
      notes.drop("tool_choice");
    }
    const history = names.called.map(defineCalledTool);
    if (answerTool !== null) return forceTool([...history, answerTool], names.answerTool);
    return { tools: history, choice: history.length === 0 ? null : NO_TOOLS, isForced: false };
  }
  if (answerTool !== null) {
    return request["tool_choice"] === "none"
      ? forceTool([...own, answerTool], names.answerTool)
      : withParallel({ tools: [...own, answerTool], choice: ANY_TOOL, isForced: true }, request);
  }
  const choice = encodeChoice(request, options);
  const isForced = choice !== null && (choice["type"] === "any" || choice["type"] === "tool");
  return withParallel({ tools: own, choice, isForced }, request);
}

type FunctionTool = Tool & { readonly function: NonNullable<Tool["function"]> };

const NO_TOOLS = { "type": "none" } as const satisfies Anthropic.ToolChoice;
const ANY_TOOL = { "type": "any" } as const satisfies Anthropic.ToolChoice;
const AUTO_TOOL = { "type": "auto" } as const satisfies Anthropic.ToolChoice;

function functionTools(request: ChatRequest): readonly FunctionTool[] {
  return (request.tools ?? []).filter((tool): tool is FunctionTool =>
    tool.type === "function" && tool.function !== undefined
  );
}

/** A request that forces a call of the client's tools can't also be answered by the answer's. */
function needsAnswerTool(request: ChatRequest, traits: ClaudeTraits): boolean {
  const schema = answerSchemaOf(request["response_format"]);
  if (schema === null || compilesSchema(schema, traits)) return false;
  // A tool's input is an object: an answer of another type can't be one.
  if (![schema["type"] ?? "object"].flat().includes("object")) return false;
  const choice = request["tool_choice"];
  return functionTools(request).length === 0 || choice === "none" || choice === "auto" ||
    choice === undefined || choice === null;
}

/** Of a tool that takes none. */
const NO_PARAMETERS: JsonObject = { "type": "object", "properties": {} };

function defineTools(request: ChatRequest, options: ToolOptions): readonly JsonObject[] {
  if ((request.tools ?? []).some((tool) => tool.type !== "function")) options.notes.drop("tools");
  const allowed = readAllowedTools(request);
  const seen = new Map<string, FunctionTool>();
  return functionTools(request).flatMap((tool) => {
    const { name } = tool.function;
    const first = seen.get(name);
    if (first !== undefined && JSON.stringify(first) !== JSON.stringify(tool)) {
      options.notes.drop("tools");
    }
    if (first !== undefined || allowed?.has(name) === false) return [];
    seen.set(name, tool);
    return [defineTool(tool, options)];
  });
}

function defineTool(tool: FunctionTool, options: ToolOptions): JsonObject {
  const { name, description, parameters, strict } = tool.function;
  const schema = toInputSchema(parameters);
  const isStrict = strict === true && compilesSchema(parameters ?? NO_PARAMETERS, options.traits);
  if (strict === true && !isStrict) options.notes.drop("tools.function.strict");
  const mark = { ...readCacheMark(tool.function), ...readCacheMark(tool) };
  return {
    "name": options.names.toWire(name),
    ...(description === undefined ? {} : { "description": description }),
    "input_schema": isStrict ? toInputSchema(closeSchema(schema)) : schema,
    ...(isStrict ? { "strict": true } : {}),
    ...mark,
  } satisfies Anthropic.Tool;
}

/** A definition for a tool that only the history knows: without one the vendor refuses its calls. */
function defineCalledTool(name: string): JsonObject {
  return {
    "name": name,
    "description": "A tool of an earlier turn; it can't be called any more.",
    "input_schema": { "type": "object" },
  } satisfies Anthropic.Tool;
}

function defineAnswerTool(request: ChatRequest, names: ToolNames): JsonObject | null {
  const schema = answerSchemaOf(request["response_format"]);
  if (names.answerTool === null || schema === null) return null;
  const hint = stringAt(objectAt(request["response_format"], "json_schema"), "description");
  return {
    "name": names.answerTool,
    "description": `Gives the final answer to the user.${hint === undefined ? "" : ` ${hint}`}`,
    "input_schema": toInputSchema(schema),
  } satisfies Anthropic.Tool;
}

function forceTool(tools: readonly JsonObject[], name: string | null): ToolSetup {
  const choice = {
    "type": "tool",
    "name": name ?? ANSWER_TOOL,
    "disable_parallel_tool_use": true,
  } satisfies Anthropic.ToolChoice;
  return { tools, choice, isForced: true };
}

function encodeChoice(request: ChatRequest, options: ToolOptions): JsonObject | null {
  const choice = request["tool_choice"] ?? null;
  if (choice === null) return null;
  if (choice === "none") return NO_TOOLS;
  if (choice === "auto") return AUTO_TOOL;
  if (choice === "required") return ANY_TOOL;
  const name = stringAt(objectAt(choice, "function"), "name");
  const isDefined = functionTools(request).some((tool) => tool.function.name === name);
  if (choice["type"] === "function" && name !== undefined && isDefined) {
    return {
      "type": "tool",
      "name": options.names.toWire(name),
    } satisfies Anthropic.ToolChoice;
  }
  if (choice["type"] === "allowed_tools") {
    const mode = stringAt(objectAt(choice, "allowed_tools") ?? choice, "mode");
    return mode === "required" ? ANY_TOOL : AUTO_TOOL;
  }
  options.notes.drop("tool_choice");
  return null;
}

/** The names that `tool_choice: {type: "allowed_tools"}` leaves; null when it leaves all. */
function readAllowedTools(request: ChatRequest): ReadonlySet<string> | null {
  const choice = request["tool_choice"];
  if (stringAt(choice ?? null, "type") !== "allowed_tools") return null;
  const list = arrayAt(objectAt(choice ?? null, "allowed_tools") ?? choice ?? null, "tools");
  return new Set(list.flatMap((tool) => {
    const name = stringAt(objectAt(tool, "function") ?? tool, "name");
    return name === undefined ? [] : [name];
  }));
}

function withParallel(setup: ToolSetup, request: ChatRequest): ToolSetup {
  if (request["parallel_tool_calls"] !== false) return setup;
  const choice = setup.choice ?? AUTO_TOOL;
  if (choice["type"] === "none") return setup;
  return { ...setup, choice: { ...choice, "disable_parallel_tool_use": true } };
}
