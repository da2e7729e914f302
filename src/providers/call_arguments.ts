/** The arguments of tool calls, for dialects that take an object where OpenAI has JSON text. */

import { isJsonObject, type JsonObject } from "../core/json.ts";
import { readJson } from "../wire/json.ts";

/** The key that arguments which are no JSON object are kept under, as the text they came as. */
const RAW_ARGUMENTS_KEY = "_raw";

/** The arguments as an object; no text is no arguments. */
export function parseCallArguments(text: string): JsonObject {
  if (text.trim() === "") return {};
  const value = readJson(text);
  return isJsonObject(value) ? value : { [RAW_ARGUMENTS_KEY]: text };
}
