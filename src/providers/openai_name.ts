/** Names of tools in the characters that OpenAI takes, and back. */

import type { ChatRequest, Tool } from "../core/chat.ts";
import { isJsonObject, type JsonObject, objectAt, stringAt } from "../core/json.ts";
import { WireNames } from "./wire_name.ts";

/** The names of a request's tools, both ways; the same request always gives the same names. */
export interface ToolNames {
  /** The wire name of a tool; one that the request does not define gets its own at the first call. */
  toWire(name: string): string;
  /** The client's name of a tool on the wire. */
  fromWire(name: string): string;
}

/** https://platform.openai.com/docs/api-reference/chat/create: function names. */
const MAX_NAME_LENGTH = 64;
const VALID_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** For servers that take names as they are. */
export const PLAIN_NAMES: ToolNames = { toWire: (name) => name, fromWire: (name) => name };

/** The name of a tool, or of a call, of any type. */
export function nameOfTool(tool: JsonObject): string | undefined {
  return stringAt(objectAt(tool, "function") ?? objectAt(tool, "custom"), "name");
}

/** The tool, or the call, under another name. */
export function renameTool<T extends JsonObject>(tool: T, name: string): T {
  const key = isJsonObject(tool["function"]) ? "function" : "custom";
  const spec = objectAt(tool, key);
  return spec === undefined || spec["name"] === name ? tool : { ...tool, [key]: { ...spec, name } };
}

/**
 * Names a request's tools. A valid name keeps its form, and the others take none of those, so that
 * a server that was sent the client's own names is understood too.
 */
export function nameTools(request: ChatRequest): ToolNames {
  const defined = definedNames(request.tools ?? []);
  const names = new WireNames(MAX_NAME_LENGTH);
  const toWire = new Map<string, string>();
  const learn = (name: string): string => {
    const known = toWire.get(name) ?? names.assign(name);
    toWire.set(name, known);
    return known;
  };
  const isValid = (name: string) => VALID_NAME.test(name);
  for (const name of defined.filter(isValid)) learn(name);
  const others = defined.filter((name) => !isValid(name));
  const fromWire = new Map(others.map((name) => [learn(name), name]));
  return { toWire: learn, fromWire: (name) => fromWire.get(name) ?? name };
}

/** The names of these tools, as the client gave them. */
export function definedNames(tools: readonly Tool[]): readonly string[] {
  return tools.flatMap((tool) => nameOfTool(tool) ?? []);
}
