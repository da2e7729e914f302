/** Streams of the OpenAI dialect, as tests write and read them. */

import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import type { StreamEvent } from "../../src/providers/adapter.ts";
import { openai } from "../../src/providers/openai.ts";
import { contextOf } from "./openai_call.ts";

/** Two tools. */
export const TOOLS = ["f", "g"].map((name) => ({ type: "function", function: { name } }));
/** What all chunks have. */
export const HEAD = {
  "id": "chatcmpl-1",
  "object": "chat.completion.chunk",
  "created": 5,
  "model": "m",
};

/** A chunk with one choice. */
export function chunk(delta: JsonObject, reason: JsonValue = null): JsonObject {
  return { ...HEAD, "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] };
}

/** The first chunk. */
export const ROLE = chunk({ "role": "assistant", "content": "" });
/** The last chunk with a choice. */
export const STOP = chunk({}, "stop");

/** The events of frames (JSON, or text as it is), the end of the stream included. */
export function run(
  frames: readonly JsonValue[],
  tools: readonly JsonObject[] = TOOLS,
): StreamEvent[] {
  const decoder = openai.createDecoder(contextOf({ tools }));
  const events = frames.flatMap((frame) =>
    decoder.decode({ event: null, data: typeof frame === "string" ? frame : JSON.stringify(frame) })
  );
  return [...events, ...decoder.end()];
}

/** Chunks as JSON; "done" and faults as words. */
export function outline(events: readonly StreamEvent[]): readonly JsonValue[] {
  return events.map((event) => {
    if (event.type === "chunk") return JSON.parse(JSON.stringify(event.chunk));
    return event.type === "fault" ? `fault: ${event.fault.kind}` : event.type;
  });
}

/** What the deltas of the first choice say: the pieces of calls, then finish reasons. */
export function pieces(events: readonly StreamEvent[]): readonly JsonValue[] {
  return events.flatMap((event): JsonValue[] => {
    if (event.type !== "chunk") return [];
    return event.chunk.choices.flatMap((choice) => [
      ...JSON.parse(JSON.stringify(choice.delta["tool_calls"] ?? [])),
      ...(choice["finish_reason"] === null ? [] : [choice["finish_reason"]]),
    ]);
  });
}

/** The first piece of a call. */
export function first(index: number, id: string, name: string, args = ""): JsonObject {
  return {
    "index": index,
    "id": id,
    "type": "function",
    "function": { "name": name, "arguments": args },
  };
}

/** A later piece of a call. */
export function more(index: number, args: string): JsonObject {
  return { "index": index, "function": { "arguments": args } };
}

/** A chunk with pieces of calls. */
export function calls(...deltas: readonly JsonObject[]): JsonObject {
  return chunk({ "tool_calls": deltas });
}
