/** Checks the body of `POST /v1/chat/completions`: what `ChatRequest` names has the type it says. */

import { CHAT_ROLES, type ChatRequest } from "./chat.ts";
import {
  arrayOf,
  type Check,
  integerFrom,
  MAX_ISSUES,
  must,
  NO_ISSUES,
  numberBetween,
  objectWith,
  oneOf,
  orNull,
} from "./check.ts";
import { failed, type Issue, type Parsed, parsed } from "./issue.ts";
import { isJsonObject, type JsonObject, type JsonValue, stringAt, valueAt } from "./json.ts";

const isString = must((value) => typeof value === "string", "must be a string");
const isName = must((value) => typeof value === "string" && value !== "", "must be a name");
const isBoolean = must((value) => typeof value === "boolean", "must be true or false");
const isObject = must(isJsonObject, "must be an object");
const isNumber = numberBetween(-Infinity, Infinity);
const isStringList = must(
  (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  "must be a string or an array of strings",
);

/** Images reach a model as data or by a URL that it fetches: never as a path of its own files. */
const isImageUrl = must(
  (value) => typeof value === "string" && /^(data:|https?:\/\/)/i.test(value),
  "must be a data URI or an http(s) URL",
);

/** What the parts that pirouter reads must hold, by type; parts of other types are left alone. */
const PART_CHECKS: ReadonlyMap<string, Check> = new Map([
  ["text", objectWith({ required: { text: isString } })],
  [
    "image_url",
    objectWith({ required: { "image_url": objectWith({ required: { url: isImageUrl } }) } }),
  ],
]);

const isTypedPart = objectWith({ required: { type: isString } });

function checkPart(value: JsonValue): readonly Issue[] {
  return (PART_CHECKS.get(stringAt(value, "type") ?? "") ?? isTypedPart)(value);
}

const CONTENT_TYPES = "must be a string or a non-empty array of parts";
const isPartList = arrayOf(checkPart, { message: CONTENT_TYPES, isFilled: true });
const isLoosePartList = arrayOf(checkPart, { message: "must be a string, parts or null" });

/** What is said to a model must be there. */
const isContent: Check = (value) => typeof value === "string" ? NO_ISSUES : isPartList(value);

/** An assistant's turn may be calls alone. */
const isAnyContent: Check = (value) =>
  typeof value === "string" || value === null ? NO_ISSUES : isLoosePartList(value);

const isFunctionCall = objectWith({
  required: {
    id: isName,
    type: oneOf(["function", "custom"]),
    function: objectWith({ required: { name: isName, arguments: isString } }),
  },
});

const isCustomCall = objectWith({
  required: { id: isName, custom: objectWith({ required: { name: isName, input: isString } }) },
});

const isToolCall: Check = (value) =>
  stringAt(value, "type") === "custom" ? isCustomCall(value) : isFunctionCall(value);

const MESSAGE_FIELDS: Readonly<Record<string, Check>> = {
  name: orNull(isString),
  "tool_call_id": orNull(isString),
  "tool_calls": orNull(arrayOf(isToolCall, { message: "must be an array of tool calls" })),
};

const isToldMessage = objectWith({ required: { content: isContent }, optional: MESSAGE_FIELDS });
const isAnswerMessage = objectWith({ optional: { ...MESSAGE_FIELDS, content: isAnyContent } });

/** What a message must hold, by its role. */
const MESSAGE_CHECKS: ReadonlyMap<string, Check> = new Map([
  ["system", isToldMessage],
  ["developer", isToldMessage],
  ["user", isToldMessage],
  ["assistant", isAnswerMessage],
  [
    "tool",
    objectWith({
      required: { "tool_call_id": isName },
      optional: { ...MESSAGE_FIELDS, "tool_call_id": isName, content: isAnyContent },
    }),
  ],
  ["function", isAnswerMessage],
]);

const isRoledMessage = objectWith({ required: { role: oneOf(CHAT_ROLES) } });

function checkMessage(value: JsonValue): readonly Issue[] {
  return (MESSAGE_CHECKS.get(stringAt(value, "role") ?? "") ?? isRoledMessage)(value);
}

const isFunctionTool = objectWith({
  required: {
    function: objectWith({
      required: { name: isName },
      optional: {
        description: orNull(isString),
        parameters: orNull(isObject),
        strict: orNull(isBoolean),
      },
    }),
  },
});

const isTypedTool = objectWith({ required: { type: isName } });

function checkTool(value: JsonValue): readonly Issue[] {
  return (stringAt(value, "type") === "function" ? isFunctionTool : isTypedTool)(value);
}

const isFormat = objectWith({ required: { type: isString } });
const isSchemaFormat = objectWith({
  required: { "json_schema": objectWith({ optional: { name: isName, schema: orNull(isObject) } }) },
});

function checkFormat(value: JsonValue): readonly Issue[] {
  return (stringAt(value, "type") === "json_schema" ? isSchemaFormat : isFormat)(value);
}

const isToolMode = must(
  (value) => isJsonObject(value) || ["none", "auto", "required"].some((mode) => mode === value),
  'must be "none", "auto", "required" or an object',
);

/**
 * THE TABLE of a request's fields: the types of OpenAI's reference, and the ranges that all vendors
 * share (https://platform.openai.com/docs/api-reference/chat/create). Others are left alone.
 */
const isRequest = objectWith({
  required: {
    model: isString,
    messages: arrayOf(checkMessage, {
      message: "must be a non-empty array of messages",
      isFilled: true,
    }),
  },
  optional: {
    stream: orNull(isBoolean),
    "stream_options": orNull(objectWith({ optional: { "include_usage": orNull(isBoolean) } })),
    tools: orNull(arrayOf(checkTool, { message: "must be an array of tools" })),
    "tool_choice": orNull(isToolMode),
    "parallel_tool_calls": orNull(isBoolean),
    "response_format": orNull(checkFormat),
    "max_tokens": orNull(integerFrom(1)),
    "max_completion_tokens": orNull(integerFrom(1)),
    temperature: orNull(numberBetween(0, Infinity)),
    "top_p": orNull(numberBetween(0, 1)),
    stop: orNull((value) => typeof value === "string" ? NO_ISSUES : isStringList(value)),
    seed: orNull(must(Number.isInteger, "must be an integer")),
    n: orNull(integerFrom(1)),
    "frequency_penalty": orNull(isNumber),
    "presence_penalty": orNull(isNumber),
    logprobs: orNull(isBoolean),
    "top_logprobs": orNull(integerFrom(0)),
    "reasoning_effort": orNull(isString),
    user: orNull(isString),
    metadata: orNull(isObject),
  },
});

/**
 * Checks a request's body; paths of issues are OpenAI's `param`, such as `messages[1].content`. A
 * `model` that is absent, null or "" becomes "auto". Fields that are not checked stay untouched,
 * and the body itself is the result unless something had to be filled in.
 *
 * @example
 * ```ts
 * import { parseChatRequest } from "./request.ts";
 * const result = parseChatRequest({ messages: [{ role: "user", content: 5 }] });
 * if (result.ok || result.issues[0]?.path !== "messages[0].content") throw new Error();
 * ```
 */
export function parseChatRequest(body: JsonValue): Parsed<ChatRequest> {
  if (!isJsonObject(body)) return failed({ path: "", message: "must be a JSON object" });
  const request = omitStrayNulls(withModel(body));
  const issues: Issue[] = [];
  if (isChatRequest(request, issues)) return parsed(request);
  return failed(...issues.slice(0, MAX_ISSUES));
}

/** The one place where the checks above become the type that they add up to. */
function isChatRequest(body: JsonObject, issues: Issue[]): body is ChatRequest {
  for (const issue of isRequest(body)) {
    issues.push({ ...issue, path: issue.path.replace(/^\./, "") });
  }
  return issues.length === 0;
}

function withModel(body: JsonObject): JsonObject {
  const model = valueAt(body, "model");
  return model === undefined || model === null || model === "" ? { ...body, model: "auto" } : body;
}

/** Where clients that write out every field of their types put null for "absent". */
const NULLABLE_MESSAGE_KEYS = ["name", "tool_call_id"];
const NULLABLE_FUNCTION_KEYS = ["description", "parameters"];

/** Leaves out nulls where `ChatRequest` has no null. */
function omitStrayNulls(body: JsonObject): JsonObject {
  const messages = mapArray(
    valueAt(body, "messages"),
    (item) => omitNulls(item, NULLABLE_MESSAGE_KEYS),
  );
  const tools = mapArray(valueAt(body, "tools"), omitToolNulls);
  const isChanged = messages !== body["messages"] || tools !== body["tools"];
  return isChanged ? { ...body, messages, ...(tools === undefined ? {} : { tools }) } : body;
}

function omitToolNulls(tool: JsonValue): JsonValue {
  const spec = valueAt(tool, "function");
  if (spec === undefined || !isJsonObject(tool)) return tool;
  const clean = omitNulls(spec, NULLABLE_FUNCTION_KEYS);
  return clean === spec ? tool : { ...tool, function: clean };
}

function omitNulls(value: JsonValue, keys: readonly string[]): JsonValue {
  if (!isJsonObject(value) || !keys.some((key) => valueAt(value, key) === null)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([key, item]) => item !== null || !keys.includes(key)),
  );
}

/** Maps the items of an array; the array itself when none changes, and whatever is no array. */
function mapArray(
  value: JsonValue | undefined,
  change: (item: JsonValue) => JsonValue,
): JsonValue | undefined {
  if (!Array.isArray(value)) return value;
  const changed = value.map(change);
  return changed.some((item, index) => item !== value[index]) ? changed : value;
}
