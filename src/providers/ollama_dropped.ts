/** What of a request Ollama has no word for, by its name in the request. */

import type { AnyToolCall, ChatMessage, ContentPart, Tool } from "../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue, stringAt } from "../core/json.ts";
import { REASONING_FIELDS } from "../core/reasoning.ts";
import { isReasoningPart, isToolRole } from "./ollama_message.ts";
import { isOptionSaid, OPTION_FIELDS } from "./ollama_option.ts";

/** Names the top-level fields that the client set to something and Ollama has no word for. */
export function listDroppedFields(request: JsonObject): readonly string[] {
  return Object.entries(request)
    .filter(([name, value]) => isSet(value) && !isNeutral(name, value) && !isSaid(name, request))
    .map(([name]) => name);
}

/** Names the fields of messages, of their parts and of their calls that Ollama has no word for. */
export function listDroppedMessageFields(messages: readonly ChatMessage[]): readonly string[] {
  const names = messages.flatMap((message) => [
    ...listUnknown(message, { path: "messages", known: knownOf(message) }),
    ...(Array.isArray(message.content) ? message.content.flatMap(listOfPart) : []),
    ...(message["tool_calls"] ?? []).flatMap(listOfCall),
  ]);
  return [...new Set(names)];
}

/** Names the fields of these tools that Ollama has no word for. */
export function listDroppedToolFields(tools: readonly Tool[]): readonly string[] {
  const names = tools.flatMap((tool) => [
    ...listUnknown(tool, { path: "tools", known: TOOL_KEYS }),
    ...listUnknown(tool.function, { path: "tools.function", known: TOOL_FUNCTION_KEYS }),
    // It promises arguments that are as the schema says; without it there is no promise.
    ...(tool.function?.strict === true ? ["tools.function.strict"] : []),
  ]);
  return [...new Set(names)];
}

/** The names of the fields that say something and are not known, below a path. */
export function listUnknown(
  value: JsonValue | undefined,
  { path, known }: { readonly path: string; readonly known: readonly string[] },
): readonly string[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value)
    .filter(([name, field]) => isSet(field) && !known.includes(name))
    .map(([name]) => `${path}.${name}`);
}

function isSet(value: JsonValue | undefined): boolean {
  return value !== undefined && value !== null;
}

function isNeutral(name: string, value: JsonValue | undefined): boolean {
  return NEUTRAL_VALUES.get(name) === JSON.stringify(value);
}

function isSaid(name: string, request: JsonObject): boolean {
  const isSayable = SAYABLE.get(name);
  if (isSayable !== undefined) return isSayable(request[name], request);
  return TRANSLATED_FIELDS.has(name) || REASONING_FIELDS.includes(name);
}

/** Whether a field's value can be said, in the request that has it. */
type SayableRule = (value: JsonValue | undefined, request: JsonObject) => boolean;

/** Fields that Ollama has a word for, of which only some values can be said. */
const SAYABLE: ReadonlyMap<string, SayableRule> = new Map<string, SayableRule>([
  ...OPTION_FIELDS.map((name) => [name, isOptionSaid] as const),
  ["keep_alive", (value) => typeof value === "string" || typeof value === "number"],
  ["options", isJsonObject],
  ["top_logprobs", (value, { logprobs }) => typeof value === "number" && logprobs === true],
]);

/** Fields that are translated, or that only concern the client and pirouter. */
const TRANSLATED_FIELDS: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "functions",
  "function_call",
  "response_format",
  "max_tokens",
  "max_completion_tokens",
  "stop",
  "n",
  "logprobs",
]);

/** Values that ask for what Ollama does anyway, as JSON text. */
const NEUTRAL_VALUES: ReadonlyMap<string, string> = new Map([
  ["parallel_tool_calls", "true"],
  ["store", "false"],
  ["metadata", "{}"],
  ["logit_bias", "{}"],
  ["modalities", '["text"]'],
  ["service_tier", '"auto"'],
  ["top_logprobs", "0"],
]);

function knownOf({ role }: ChatMessage): readonly string[] {
  return isToolRole(role) ? [...MESSAGE_KEYS, "name"] : MESSAGE_KEYS;
}

/** What is translated, and what answers of other vendors left in the history: of no use to Ollama. */
const MESSAGE_KEYS: readonly string[] = [
  "role",
  "content",
  "tool_calls",
  "tool_call_id",
  "refusal",
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "cache_control",
  "annotations",
];

/** Ollama caches every prompt, so marks for a cache ask for nothing. */
const PART_KEYS: readonly string[] = ["type", "text", "refusal", "image_url", "cache_control"];

function listOfPart(part: ContentPart): readonly string[] {
  if (isReasoningPart(part)) return [];
  const image = part["image_url"];
  const isPlain = (stringAt(image, "detail") ?? "auto") === "auto";
  return [
    ...listUnknown(part, { path: "messages.content", known: PART_KEYS }),
    ...listUnknown(image, {
      path: "messages.content.image_url",
      known: isPlain ? ["url", "detail"] : ["url"],
    }),
  ];
}

/** The index is that of a stream's piece, which some clients keep; the extra content a vendor's own. */
const CALL_KEYS: readonly string[] = [
  "id",
  "type",
  "function",
  "custom",
  "index",
  "extra_content",
];

function listOfCall(call: AnyToolCall): readonly string[] {
  const path = "messages.tool_calls";
  return [
    ...listUnknown(call, { path, known: CALL_KEYS }),
    ...listUnknown(call["function"], {
      path: `${path}.function`,
      known: ["name", "arguments"],
    }),
    ...listUnknown(call["custom"], { path: `${path}.custom`, known: ["name", "input"] }),
  ];
}

const TOOL_KEYS: readonly string[] = ["type", "function", "cache_control"];
const TOOL_FUNCTION_KEYS: readonly string[] = ["name", "description", "parameters", "strict"];
