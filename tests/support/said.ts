/** What a conversation says, and whether a body that was made of it still says so. */

import { type ChatMessage, functionOfCall } from "../../src/core/chat.ts";
import {
  arrayAt,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  objectAt,
  stringAt,
} from "../../src/core/json.ts";

/** One thing that was said. */
export interface Said {
  readonly what: "text" | "refusal" | "image" | "tool name" | "argument";
  readonly value: string;
}

/** Everything that a message says: texts, images, calls by name and by the words of their arguments. */
export function listSaid(message: ChatMessage): readonly Said[] {
  const content = message.content ?? null;
  const texts = typeof content === "string" ? [content] : [];
  const parts = typeof content === "string" ? [] : content ?? [];
  return [
    ...[...texts, ...parts.flatMap((part) => stringAt(part, "text") ?? [])].flatMap(asText),
    ...parts.flatMap((part) => asText(stringAt(part, "refusal") ?? "")),
    ...parts.flatMap(imageIn),
    ...asText(stringAt(message, "refusal") ?? "").map(({ value }): Said => (
      { what: "refusal", value }
    )),
    ...[
      ...(message["tool_calls"] ?? []).map(functionOfCall),
      ...[objectAt(message, "function_call")].filter((call) => call !== undefined),
    ].flatMap(saidInCall),
  ];
}

/** White space around a text may go: vendors refuse it at the end of a prefilled answer. */
function asText(text: string): readonly Said[] {
  const value = text.trim();
  return value === "" || value === "I think." ? [] : [{ what: "text", value }];
}

function imageIn(part: JsonObject): readonly Said[] {
  const url = stringAt(objectAt(part, "image_url"), "url") ?? "";
  if (url === "") return [];
  const data = url.startsWith("data:") ? url.slice(url.indexOf(",") + 1) : url;
  return [{ what: "image", value: data }];
}

function saidInCall(call: JsonObject): readonly Said[] {
  const words = (stringAt(call, "arguments") ?? "").match(/w[0-9a-f]{8}/g) ?? [];
  return [
    { what: "tool name", value: stringAt(call, "name") ?? "" },
    ...words.map((value): Said => ({ what: "argument", value })),
  ];
}

/** Finds what was said in one body. */
export class BodyText {
  readonly #strings: readonly string[];
  readonly #all: string;

  /** Reads all strings of a body. */
  constructor(body: JsonObject) {
    this.#strings = [...stringsIn(body)];
    this.#all = this.#strings.join("\n");
  }

  /** Whether the body still says it; names of tools may have been put into the vendor's characters. */
  has({ what, value }: Said): boolean {
    if (what === "tool name") return this.#strings.some((text) => isNameOf(value, text));
    return this.#all.includes(value);
  }
}

/** The first characters of a name stay, whatever a vendor refuses: that is enough to tell our names apart. */
function isNameOf(name: string, text: string): boolean {
  const stem = name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 40);
  return text === name || text.startsWith(stem);
}

function* stringsIn(value: JsonValue | undefined): Generator<string> {
  if (typeof value === "string") yield value;
  else if (Array.isArray(value)) { for (const item of value) yield* stringsIn(item); }
  else if (isJsonObject(value)) { for (const item of Object.values(value)) yield* stringsIn(item); }
}

/** How many calls a body of any dialect holds. */
export function countCalls(body: JsonObject): number {
  return arrayAt(body, "messages").map((message) =>
    arrayAt(message, "tool_calls").length +
    (objectAt(message, "function_call") === undefined ? 0 : 1) +
    arrayAt(message, "content").filter((block) => stringAt(block, "type") === "tool_use").length
  ).reduce((sum, count) => sum + count, 0);
}
