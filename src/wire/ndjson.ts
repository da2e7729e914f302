/** Newline-delimited JSON: bytes to frames. */

import { readJson } from "./json.ts";
import type { FrameLimit, FrameReader, SseFrame } from "./sse.ts";

/**
 * Starts to read newline-delimited JSON (https://github.com/ndjson/ndjson-spec): a frame a line,
 * lines end in LF or CRLF, blank lines are skipped. The last line needs no line end: its JSON shows
 * whether it is whole, and half a line is dropped.
 */
export function createNdjsonReader(limit: FrameLimit): FrameReader {
  const decoder = new TextDecoder(); // strips a BOM
  let pieces: string[] = [];
  let pendingChars = 0;
  let isOverflown = false;

  /** Adds a piece of the line that has not ended. Joined once at its end: linear in all cases. */
  function keep(piece: string): void {
    if (piece === "") return;
    pieces.push(piece);
    pendingChars += piece.length;
    if (pendingChars > limit.maxFrameChars + 1) isOverflown = true; // + 1: perhaps a CR
  }

  function takeLine(): readonly SseFrame[] {
    const line = trimLineEnd(pieces.join(""));
    pieces = [];
    pendingChars = 0;
    if (line.length > limit.maxFrameChars) isOverflown = true;
    return isOverflown || line.trim() === "" ? [] : [{ event: null, data: line }];
  }

  function read(text: string): readonly SseFrame[] {
    const frames: SseFrame[] = [];
    let start = 0;
    while (!isOverflown) {
      const end = text.indexOf("\n", start);
      keep(text.slice(start, end < 0 ? undefined : end));
      if (end < 0) break;
      frames.push(...takeLine());
      start = end + 1;
    }
    return frames;
  }

  return {
    push: (bytes) => isOverflown ? [] : read(decoder.decode(bytes, { stream: true })),
    end: () => isOverflown ? [] : [...read(decoder.decode()), ...takeLine().filter(isWhole)],
    get isOverflown() {
      return isOverflown;
    },
  };
}

function isWhole({ data }: SseFrame): boolean {
  return readJson(data) !== undefined;
}

function trimLineEnd(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
