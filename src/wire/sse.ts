/** Server-sent events: bytes to frames, and what pirouter itself sends. */

import { createParser } from "eventsource-parser";

/** One event of a stream. */
export interface SseFrame {
  /** The event's name; null when the stream doesn't name it. */
  readonly event: string | null;
  /** Its data lines, joined by newlines. */
  readonly data: string;
}

/** The most that a reader keeps. */
export interface FrameLimit {
  /** UTF-16 code units of one frame's data. */
  readonly maxFrameChars: number;
}

/** Turns the bytes of one stream into frames; keeps the state that takes. */
export interface FrameReader {
  /** The frames that these bytes complete; none once a frame was over the limit. */
  push(bytes: Uint8Array): readonly SseFrame[];
  /** The frame that the end of the stream completes, if its format has such a thing. */
  end(): readonly SseFrame[];
  /** Whether a frame was over the limit: what follows is not read. */
  readonly isOverflown: boolean;
}

/**
 * What the parser may hold beyond a frame's data: the name of its field, so that the reader's own
 * limit decides alike for a frame that comes in one piece and for one that comes in many.
 */
const FIELD_NAME_CHARS = 16;

/**
 * Starts to read server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * Comments are skipped; an event that the end of the stream cuts off is dropped, as the standard
 * says: only a blank line proves that it is whole.
 */
export function createSseReader(limit: FrameLimit): FrameReader {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // the parser strips the BOM
  let frames: SseFrame[] = [];
  let isOverflown = false;
  const parser = createParser({
    maxBufferSize: limit.maxFrameChars + FIELD_NAME_CHARS,
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") isOverflown = true;
    },
    onEvent: ({ event, data }) => {
      if (data.length > limit.maxFrameChars) isOverflown = true;
      if (!isOverflown) frames.push({ event: event ?? null, data });
    },
  });
  return {
    push: (bytes) => {
      if (isOverflown) return [];
      frames = [];
      parser.feed(decoder.decode(bytes, { stream: true }));
      return frames;
    },
    end: () => [],
    get isOverflown() {
      return isOverflown;
    },
  };
}

const ENCODER = new TextEncoder();

/** Encodes JSON text as one event; JSON text has no line breaks of its own. */
export function encodeSseData(json: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(`data: ${json}\n\n`);
}

/** Encodes several JSON texts, one event each. */
export function encodeSseBatch(jsons: readonly string[]): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(jsons.map((json) => `data: ${json}\n\n`).join(""));
}

/** Encodes a comment, which keeps a connection alive; line breaks in it become spaces. */
export function encodeSseComment(text: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(`: ${text.replace(/[\r\n]+/g, " ")}\n\n`);
}

/** The data of the event that ends an OpenAI stream. */
export const SSE_DONE = "[DONE]";
