/** Content parts of OpenAI's messages as Anthropic's content blocks. */

import type Anthropic from "@anthropic-ai/sdk";
import type { ChatMessage, ContentPart } from "../core/chat.ts";
import { type JsonObject, type JsonValue, objectAt, stringAt } from "../core/json.ts";
import type { EncodingNotes } from "./anthropic_notes.ts";
import { parseDataUri } from "./data_uri.ts";

/** A content block of a message. */
export interface Block extends JsonObject {
  readonly type:
    | "text"
    | "image"
    | "document"
    | "tool_use"
    | "tool_result"
    | "thinking"
    | "redacted_thinking";
}

/** A block of text, as messages and `system` have it. */
export interface TextBlock extends Block {
  readonly type: "text";
  readonly text: string;
}

/** A `cache_control` to spread into a block; empty when there is none. */
export interface CacheMark {
  /** Where the prompt cache may end a prefix. */
  readonly "cache_control"?: { readonly type: "ephemeral"; readonly ttl?: "5m" | "1h" };
}

/** Reads the `cache_control` that a client put on a message, a part or a tool. */
export function readCacheMark(source: JsonValue | undefined): CacheMark {
  const control = objectAt(source, "cache_control");
  if (stringAt(control, "type") !== "ephemeral") return {};
  const ttl = stringAt(control, "ttl");
  return {
    "cache_control": ttl === "5m" || ttl === "1h"
      ? { "type": "ephemeral", "ttl": ttl }
      : { "type": "ephemeral" },
  };
}

/** A block of text. */
export function textBlock(text: string, mark: CacheMark = {}): TextBlock {
  return { "type": "text", "text": text, ...mark } satisfies Anthropic.TextBlockParam;
}

/** Whether Anthropic accepts the text as a block: it refuses blank ones. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** Encodes a message's content, in order, without blank texts. */
export function encodeContent(
  content: ChatMessage["content"],
  notes: EncodingNotes,
): readonly Block[] {
  if (typeof content === "string") return isBlank(content) ? [] : [textBlock(content)];
  return (content ?? []).flatMap((part) => encodePart(part, notes));
}

/** Puts a mark on the last of the blocks that can carry one, unless it has one. */
export function markLast(blocks: readonly Block[], mark: CacheMark): readonly Block[] {
  const last = blocks.findLastIndex(({ type }) =>
    type !== "thinking" && type !== "redacted_thinking"
  );
  return blocks.map((block, index) => index === last ? { ...mark, ...block } : block);
}

function encodePart(part: ContentPart, notes: EncodingNotes): readonly Block[] {
  const encode = PART_ENCODERS.get(part.type);
  const blocks = encode?.(part, notes) ?? null;
  if (blocks !== null) return blocks;
  notes.refuse(
    "messages",
    `An Anthropic model can't read a content part of type "${part.type}"` +
      " in this form; send text, a png/jpeg/gif/webp image or a PDF as base64 data URI.",
  );
  return [];
}

type PartEncoder = (part: ContentPart, notes: EncodingNotes) => readonly Block[] | null;

const PART_ENCODERS: ReadonlyMap<string, PartEncoder> = new Map<string, PartEncoder>([
  ["text", (part) => encodeText(part, "text")],
  ["refusal", (part) => encodeText(part, "refusal")],
  ["image_url", encodeImage],
  ["file", encodeFile],
  // What a client calls thinking may be another model's; this model's own is recalled.
  ["thinking", (part, notes) => dropPart(part, notes)],
  ["reasoning", (part, notes) => dropPart(part, notes)],
]);

function dropPart({ type }: ContentPart, notes: EncodingNotes): readonly Block[] {
  notes.drop(`messages.content.${type}`);
  return [];
}

function encodeText(part: ContentPart, key: string): readonly Block[] | null {
  const text = stringAt(part, key);
  if (text === undefined) return null;
  return isBlank(text) ? [] : [textBlock(text, readCacheMark(part))];
}

function encodeImage(part: ContentPart, notes: EncodingNotes): readonly Block[] | null {
  const image = objectAt(part, "image_url");
  const url = stringAt(image, "url");
  if (url === undefined) return null;
  const detail = stringAt(image, "detail");
  if (detail !== undefined && detail !== "auto") notes.drop("messages.content.image_url.detail");
  const mark = readCacheMark(part);
  if (!/^https?:\/\//i.test(url)) return encodeMedia(url, mark);
  const block = {
    "type": "image",
    "source": { "type": "url", "url": url },
    ...mark,
  } as const satisfies Anthropic.ImageBlockParam;
  return [block];
}

function encodeFile(part: ContentPart): readonly Block[] | null {
  const file = objectAt(part, "file");
  const data = stringAt(file, "file_data");
  if (data === undefined) return null;
  return encodeMedia(data, readCacheMark(part), stringAt(file, "filename"));
}

function encodeMedia(uri: string, mark: CacheMark, title?: string): readonly Block[] | null {
  const media = parseDataUri(uri);
  if (media === null) return null;
  if (media.mime === "application/pdf") {
    const block = {
      "type": "document",
      "source": { "type": "base64", "media_type": "application/pdf", "data": media.base64 },
      ...(title === undefined ? {} : { "title": title }),
      ...mark,
    } as const satisfies Anthropic.DocumentBlockParam;
    return [block];
  }
  const mediaType = IMAGE_TYPES.get(media.mime);
  if (mediaType === undefined) return null;
  const block = {
    "type": "image",
    "source": { "type": "base64", "media_type": mediaType, "data": media.base64 },
    ...mark,
  } as const satisfies Anthropic.ImageBlockParam;
  return [block];
}

type ImageType = Anthropic.Base64ImageSource["media_type"];

const IMAGE_TYPES: ReadonlyMap<string, ImageType> = new Map<string, ImageType>([
  ["image/png", "image/png"],
  ["image/jpeg", "image/jpeg"],
  ["image/jpg", "image/jpeg"],
  ["image/gif", "image/gif"],
  ["image/webp", "image/webp"],
]);
