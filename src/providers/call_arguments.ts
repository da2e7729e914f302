/** The arguments of tool calls, for dialects that take an object where OpenAI has JSON text. */

import { isJsonObject, type JsonObject } from "../core/json.ts";
import { parseJson } from "../wire/json.ts";

/** The key that arguments which are no JSON object are kept under, as the text they came as. */
const RAW_ARGUMENTS_KEY = "_raw";

/** The deepest nesting of arguments that are still taken apart. */
const MAX_DEPTH = 128;

/** The arguments as an object; no text is no arguments. */
export function parseCallArguments(text: string): JsonObject {
  if (text.trim() === "") return {};
  const parsed = parseJson(text, { maxDepth: MAX_DEPTH });
  const isObject = parsed.ok && isJsonObject(parsed.value);
  return isObject ? parsed.value : { [RAW_ARGUMENTS_KEY]: text };
}
