/** Checks the messages of Anthropic's Messages API, and their blocks, as strictly as the vendor does. */

import { isJsonObject, type JsonObject, type JsonValue, stringAt } from "../../src/core/json.ts";
import { isRedactedSealed, isThinkingSealed } from "./thinking_seal.ts";

/** Where a block stands. */
export interface BlockPlace {
  readonly path: string;
  readonly role: string;
  /** The model that is asked: it knows its own signatures alone. */
  readonly model: string;
}

const BLOCK_KEYS: Readonly<Record<string, string>> = {
  "text": "type text cache_control",
  "image": "type source cache_control",
  "document": "type source title cache_control",
  "tool_use": "type id name input cache_control",
  "tool_result": "type tool_use_id content is_error cache_control",
  "thinking": "type thinking signature",
  "redacted_thinking": "type data",
};

/** What only the assistant may send; all else but text is the user's. */
const ASSISTANT_BLOCKS = ["tool_use", "thinking", "redacted_thinking"];
const THINKING_BLOCKS = ["thinking", "redacted_thinking"];
const IMAGE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** The objects in a list; none when it is no list. */
export function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The keys that are not among the known ones, as sentences. */
export function findUnknownKeys(
  path: string,
  value: JsonObject,
  known: string,
): readonly string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined)
    .filter((key) => !known.split(" ").includes(key))
    .map((key) => `${path}.${key}: extra inputs are not permitted`);
}

/** What is wrong with the messages, each for itself and one after the other. */
export function findMessageFaults(body: JsonObject): readonly string[] {
  const messages = objects(body["messages"]);
  const faults = messages.length === 0 ? ["messages: at least one is required"] : [];
  const model = String(body["model"]);
  let previous: JsonObject | undefined;
  const ids = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const path = `messages.${index}`;
    const role = String(message["role"]);
    const blocks = objects(message["content"]);
    faults.push(...findUnknownKeys(path, message, "role content"));
    if (role !== "user" && role !== "assistant") faults.push(`${path}: unknown role ${role}`);
    if (index === 0 && role !== "user") faults.push("messages: the first must be the user's");
    if (previous?.["role"] === role) faults.push(`${path}: roles must alternate`);
    if (blocks.length === 0) faults.push(`${path}: content is empty`);
    faults.push(
      ...blocks.flatMap((block, at) =>
        findBlockFaults(block, { path: `${path}.${at}`, role, model })
      ),
    );
    faults.push(...findPairingFaults(path, previous, message));
    if (THINKING_BLOCKS.includes(String(blocks.at(-1)?.["type"]))) {
      faults.push(`${path}: the final block cannot be thinking`);
    }
    for (const id of idsOf(message, "tool_use")) {
      if (ids.has(id)) faults.push(`${path}: tool_use id ${id} is not unique`);
      ids.add(id);
    }
    previous = message;
  }
  return [...faults, ...findEndFaults(previous)];
}

function findEndFaults(last: JsonObject | undefined): readonly string[] {
  const text = stringAt(objects(last?.["content"]).at(-1), "text") ?? "";
  return [
    ...(idsOf(last, "tool_use").length > 0 ? ["the last tool_use has no result"] : []),
    ...(last?.["role"] === "assistant" && /\s$/.test(text)
      ? ["the final assistant content ends with white space"]
      : []),
  ];
}

/** The ids of the calls, or of the results, in a message. */
export function idsOf(
  message: JsonObject | undefined,
  type: "tool_use" | "tool_result",
): readonly string[] {
  const key = type === "tool_use" ? "id" : "tool_use_id";
  return objects(message?.["content"]).filter((block) => block["type"] === type)
    .map((block) => String(block[key]));
}

function findPairingFaults(
  path: string,
  previous: JsonObject | undefined,
  message: JsonObject,
): readonly string[] {
  const uses = idsOf(previous, "tool_use");
  const results = idsOf(message, "tool_result");
  const types = objects(message["content"]).map((block) => block["type"]);
  const firstOther = types.findIndex((type) => type !== "tool_result");
  return [
    ...uses.filter((id) => !results.includes(id)).map((id) => `${path}: ${id} has no result`),
    ...results.filter((id) => !uses.includes(id)).map((id) => `${path}: ${id} has no tool_use`),
    ...(new Set(results).size < results.length ? [`${path}: two results for one tool_use`] : []),
    ...(firstOther >= 0 && types.lastIndexOf("tool_result") > firstOther
      ? [`${path}: tool_result blocks must come first`]
      : []),
  ];
}

/** What is wrong with one block of a message or of the system prompt. */
export function findBlockFaults(block: JsonObject, place: BlockPlace): readonly string[] {
  const { path, role } = place;
  const type = String(block["type"]);
  const known = BLOCK_KEYS[type];
  if (known === undefined) return [`${path}: unknown block type ${type}`];
  const faults = [...findUnknownKeys(path, block, known)];
  const owner = ASSISTANT_BLOCKS.includes(type) ? "assistant" : "user";
  if (type !== "text" && role !== owner) faults.push(`${path}: ${type} is the ${owner}'s`);
  if (type === "text" && (stringAt(block, "text") ?? "").trim() === "") {
    faults.push(`${path}: blank text`);
  }
  if (type === "image" || type === "document") faults.push(...findSourceFaults(path, block));
  if (type === "tool_use") faults.push(...findUseFaults(path, block));
  if (type === "tool_result") faults.push(...findResultFaults(block, place));
  if (THINKING_BLOCKS.includes(type)) faults.push(...findSealFaults(block, place));
  return faults;
}

/** https://platform.claude.com/docs/en/build-with-claude/extended-thinking: unmodified blocks alone. */
function findSealFaults(block: JsonObject, { path, model }: BlockPlace): readonly string[] {
  if (block["type"] === "redacted_thinking") {
    const isSealed = isRedactedSealed(model, stringAt(block, "data") ?? "");
    return isSealed ? [] : [`${path}: invalid data in a redacted_thinking block`];
  }
  const [thought, signature] = [stringAt(block, "thinking"), stringAt(block, "signature")];
  if (thought === undefined || signature === undefined) return [`${path}: signature is required`];
  return isThinkingSealed(model, thought, signature)
    ? []
    : [`${path}: invalid signature in a thinking block`];
}

function findUseFaults(path: string, block: JsonObject): readonly string[] {
  return [
    ...(/^[a-zA-Z0-9_-]+$/.test(String(block["id"])) ? [] : [`${path}: bad id`]),
    ...(/^[a-zA-Z0-9_-]{1,128}$/.test(String(block["name"])) ? [] : [`${path}: bad name`]),
    ...(isJsonObject(block["input"]) ? [] : [`${path}: input is not an object`]),
  ];
}

function findResultFaults(block: JsonObject, place: BlockPlace): readonly string[] {
  const { path } = place;
  const { content } = block;
  if (content === undefined) return [];
  if (!Array.isArray(content)) {
    return typeof content === "string" && content.trim() !== "" ? [] : [`${path}: blank content`];
  }
  return [
    ...objects(content).flatMap((inner, at) =>
      findBlockFaults(inner, { ...place, path: `${path}.${at}` })
    ),
    ...(content.length === 0 ? [`${path}: empty list`] : []),
  ];
}

function findSourceFaults(path: string, block: JsonObject): readonly string[] {
  const source = isJsonObject(block["source"]) ? block["source"] : {};
  if (source["type"] === "url") {
    return /^https?:\/\//.test(String(source["url"])) ? [] : [`${path}: bad url`];
  }
  const types = block["type"] === "image" ? IMAGE_TYPES : ["application/pdf"];
  return [
    ...(source["type"] === "base64" ? [] : [`${path}: unknown source`]),
    ...(types.includes(String(source["media_type"])) ? [] : [`${path}: bad media type`]),
    ...(/^[A-Za-z0-9+/]+={0,2}$/.test(String(source["data"])) ? [] : [`${path}: bad base64`]),
  ];
}
