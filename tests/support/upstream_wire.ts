/** Answers in each dialect, as the vendors write them. */

import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { anthropicEvents, anthropicWhole } from "./upstream_wire_anthropic.ts";
import { ollamaLines, ollamaWhole } from "./upstream_wire_ollama.ts";
import { openaiEvents, openaiWhole } from "./upstream_wire_openai.ts";

/** A call of a tool; arguments as JSON text. */
export interface ScriptedCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** An answer, whatever the dialect. */
export interface ScriptedAnswer {
  /** The pieces of the text; one delta each. */
  readonly text?: readonly string[];
  readonly reasoning?: readonly string[];
  readonly calls?: readonly ScriptedCall[];
  /** In OpenAI's meaning: `input` includes `cached`, and what was `written` to a cache. */
  readonly usage?: {
    readonly input: number;
    readonly output: number;
    readonly cached?: number;
    readonly written?: number;
  };
  /** Whether the output limit cut it. */
  readonly isCut?: boolean;
}

/** What answers say when a test does not care. */
export const DEFAULT_USAGE = { input: 11, output: 7 } as const;

/** The `content-type` of each dialect's stream. */
export const STREAM_TYPES: Readonly<Record<ProviderKind, string>> = {
  openai: "text/event-stream",
  anthropic: "text/event-stream; charset=utf-8",
  ollama: "application/x-ndjson",
};

interface Wire {
  readonly whole: (answer: ScriptedAnswer) => JsonObject;
  readonly events: (answer: ScriptedAnswer) => readonly string[];
  readonly error: (message: string) => JsonObject;
}

const WIRES: Readonly<Record<ProviderKind, Wire>> = {
  openai: {
    whole: openaiWhole,
    events: openaiEvents,
    error: (message) => ({
      "error": { message, "type": "invalid_request_error", "param": "messages", "code": "teapot" },
    }),
  },
  anthropic: {
    whole: anthropicWhole,
    events: anthropicEvents,
    error: (message) => ({
      "type": "error",
      "error": { "type": "invalid_request_error", message },
    }),
  },
  ollama: { whole: ollamaWhole, events: ollamaLines, error: (message) => ({ "error": message }) },
};

/** A whole answer's body. */
export function wholeBody(kind: ProviderKind, answer: ScriptedAnswer): JsonObject {
  return WIRES[kind].whole(answer);
}

/** A streamed answer: one text an event (or line), the end marker included. */
export function streamEvents(kind: ProviderKind, answer: ScriptedAnswer): readonly string[] {
  return WIRES[kind].events(answer);
}

/** An error's body. */
export function errorBodyOf(kind: ProviderKind, message: string): JsonObject {
  return WIRES[kind].error(message);
}
