/**
 * What a vendor's own answers held, that it needs back, and that clients of OpenAI's API don't bring:
 * reasoning within a turn of tool calls, and signatures of calls.
 */

import type { AnyToolCall, ChatMessage } from "../core/chat.ts";
import {
  arrayAt,
  isJsonObject,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  objectAt,
  stringAt,
  valueAt,
} from "../core/json.ts";
import { isFilled } from "./openai_part.ts";
import type { Quirks } from "./openai_quirk.ts";
import { isNothing, mapChanged } from "./openai_strict.ts";

/** The names that reasoning has in messages. */
export const REASONING_KEYS = [
  "reasoning_content",
  "reasoning",
  "reasoning_text",
  "reasoning_details",
] as const;

const CONTENT = "reasoning_content";
const DETAILS = "reasoning_details";
/** Google's signatures: https://ai.google.dev/gemini-api/docs/thought-signatures. */
const EXTRA = "extra_content";

/** What Google takes for the signature of a call that another model made (same page). */
const FOREIGN_CALL: JsonObject = {
  "google": { "thought_signature": "skip_thought_signature_validator" },
};

/** The keepsake of a whole message, its calls already with the ids that the client sees; null: none. */
export function keepsakeOf(source: JsonObject, calls: JsonArray): JsonObject | null {
  const message = Object.fromEntries(
    REASONING_KEYS.flatMap((key) => isNothing(source[key]) ? [] : [[key, source[key]]]),
  );
  const extras = calls.flatMap((call) => {
    const extra = valueAt(call, EXTRA);
    const id = valueAt(call, "id");
    return isNothing(extra) || !isFilled(id) ? [] : [[id, { [EXTRA]: extra }] as const];
  });
  return joinKeepsake(message, Object.fromEntries(extras));
}

function joinKeepsake(message: JsonObject, calls: JsonObject): JsonObject | null {
  const isEmpty = Object.keys(message).length === 0 && Object.keys(calls).length === 0;
  return isEmpty ? null : { "message": message, "calls": calls };
}

/** Gathers the keepsake of a streamed message from its deltas, as the upstream sent them. */
export class KeepsakeCollector {
  readonly #texts = new Map<string, string[]>();
  readonly #details: JsonObject[] = [];
  /** Where the newest block of a type and index is among them. */
  readonly #places = new Map<string, number>();
  readonly #extras = new Map<string, JsonValue>();

  /** Takes what a delta says of reasoning. */
  addDelta(delta: JsonObject): void {
    for (const key of REASONING_KEYS) {
      const value = delta[key];
      if (isFilled(value)) this.#addText(key, value);
    }
    for (const piece of arrayAt(delta, DETAILS)) if (isJsonObject(piece)) this.#addDetail(piece);
  }

  /** Takes what came beside the call with this id. */
  addCall(id: string, extra: JsonValue): void {
    this.#extras.set(id, extra);
  }

  /** The keepsake of all that was taken; null: none. */
  get keepsake(): JsonObject | null {
    const texts = [...this.#texts].map(([key, pieces]) => [key, pieces.join("")] as const);
    const message = Object.fromEntries<JsonValue>(texts);
    const calls = [...this.#extras].map(([id, extra]) => [id, { [EXTRA]: extra }] as const);
    const whole = this.#details.length === 0 ? message : { ...message, [DETAILS]: this.#details };
    return joinKeepsake(whole, Object.fromEntries(calls));
  }

  #addText(key: string, text: string): void {
    const pieces = this.#texts.get(key);
    if (pieces === undefined) this.#texts.set(key, [text]);
    else pieces.push(text);
  }

  /**
   * Pieces of one block have its type and index, and a signature ends it
   * (https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks).
   */
  #addDetail(piece: JsonObject): void {
    const name = JSON.stringify([piece["type"], piece["index"]]);
    const place = this.#places.get(name) ?? this.#details.length;
    const known = this.#details[place];
    const joined = known === undefined ? null : joinDetail(known, piece);
    if (joined !== null) this.#details[place] = joined;
    else this.#places.set(name, this.#details.push(piece) - 1);
  }
}

/** The block with one more piece; null when the piece begins another block. */
function joinDetail(known: JsonObject, piece: JsonObject): JsonObject | null {
  const key = ["text", "summary"].find((name) => known[name] !== undefined) ?? "text";
  if (isFilled(piece["data"]) || isFilled(known["data"])) return null; // encrypted: always whole
  if (isFilled(known["signature"]) && isFilled(piece[key])) return null;
  const said = Object.entries(piece).filter(([, value]) => value !== null && value !== undefined);
  const text = textAt(known, key) + textAt(piece, key); // a join would copy it with every piece
  return { ...known, ...Object.fromEntries(said), [key]: text };
}

function textAt(block: JsonObject, key: string): string {
  return stringAt(block, key) ?? "";
}

/** What the restoring of one message needs to know. */
export interface RestoreOptions {
  readonly quirks: Quirks;
  /** Of the answer that this message was; null when unknown. */
  readonly keepsake: JsonObject | null;
}

/** The names of reasoning that the message may keep; the rest is another vendor's, or unwanted. */
export function keptReasoning(message: ChatMessage, options: RestoreOptions): readonly string[] {
  const { quirks, keepsake } = options;
  const own = objectAt(keepsake ?? {}, "message");
  if (quirks.reasoningHistory === "all" || arrayAt(own, DETAILS).length > 0) return REASONING_KEYS;
  if (quirks.details && hasOwnDetails(message, quirks)) return REASONING_KEYS;
  const isWanted = quirks.reasoningHistory === "calls" && hasCalls(message) &&
    isFilled(own?.[CONTENT]);
  return isWanted ? [CONTENT] : [];
}

/** Whether all details that the client brings have a format of the model's own vendor. */
function hasOwnDetails(message: ChatMessage, { detailFormats }: Quirks): boolean {
  const details = arrayAt(message, DETAILS);
  return details.length > 0 &&
    details.every((detail) => detailFormats.includes(stringAt(detail, "format") ?? ""));
}

function hasCalls(message: ChatMessage): boolean {
  return (message["tool_calls"]?.length ?? 0) > 0;
}

/** The assistant's message with what the client did not bring back; itself when nothing is missing. */
export function restoreMessage(message: ChatMessage, options: RestoreOptions): ChatMessage {
  const own = objectAt(options.keepsake ?? {}, "message");
  const changes: Record<string, ChatMessage[string]> = {};
  for (const key of keptReasoning(message, options)) {
    const value = own?.[key];
    if (!isNothing(value) && isNothing(message[key])) changes[key] = value;
  }
  if (changes[CONTENT] === undefined && needsFiller(message, options)) {
    changes[CONTENT] = options.quirks.reasoningFiller;
  }
  const calls = restoreCalls(message["tool_calls"], options);
  if (calls !== message["tool_calls"]) changes["tool_calls"] = calls;
  return Object.keys(changes).length === 0 ? message : { ...message, ...changes };
}

function needsFiller(message: ChatMessage, { quirks }: RestoreOptions): boolean {
  const said = message[CONTENT];
  const isNeeded = quirks.reasoningFiller !== null && hasCalls(message);
  return isNeeded && isNothing(said) && said !== quirks.reasoningFiller;
}

/** The calls with what signs them, and without what this server did not give and does not want. */
function restoreCalls(
  calls: ChatMessage["tool_calls"],
  { quirks, keepsake }: RestoreOptions,
): ChatMessage["tool_calls"] {
  if (!Array.isArray(calls)) return calls;
  const extras = objectAt(keepsake ?? {}, "calls");
  return mapChanged<AnyToolCall>(calls, (call, index) => {
    const own = valueAt(objectAt(extras, call.id), EXTRA);
    const given = call[EXTRA];
    if (!isNothing(given)) {
      return quirks.callExtras || own !== undefined ? call : { ...call, [EXTRA]: undefined };
    }
    // Of parallel calls the first alone is signed.
    const foreign = quirks.signsCalls && index === 0 ? FOREIGN_CALL : undefined;
    const extra = own ?? foreign;
    return extra === undefined ? call : { ...call, [EXTRA]: extra };
  });
}
