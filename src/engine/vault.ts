/** What models gave beside their answers, kept for the requests in which they must have it back. */

import { createHash } from "node:crypto";
import type { Model } from "../core/catalog.ts";
import { type AnyToolCall, type ChatMessage, functionOfCall, textOfContent } from "../core/chat.ts";
import type { JsonObject } from "../core/json.ts";

/** The most characters of JSON that are kept in all: an agent's day, and no burden for a laptop. */
const MAX_CHARS = 32 * 1024 * 1024;

/** An assistant message among those of its conversation. */
export interface Said {
  readonly message: ChatMessage;
  /** The messages before it. */
  readonly before: readonly ChatMessage[];
}

interface Entry {
  readonly keepsake: JsonObject;
  readonly chars: number;
  readonly model: string;
}

/**
 * Keeps what OpenAI's shape has no place for: signed reasoning, thought signatures. Clients bring
 * back the message alone, so an entry is found by the model and the message. In memory only, and
 * bounded: the entries that were used longest ago go first.
 */
export class Vault {
  /** Oldest use first. */
  readonly #entries = new Map<string, Entry>();
  /** Entries by model, so that models that never need any cost nothing. */
  readonly #counts = new Map<string, number>();
  readonly #maxChars: number;
  #chars = 0;

  /** `maxChars` is of JSON text. */
  constructor(maxChars: number = MAX_CHARS) {
    this.#maxChars = maxChars;
  }

  /** Keeps what the model gave with this message. */
  keep(model: Model, said: Said, keepsake: JsonObject): void {
    const owner = nameOf(model);
    const key = owner + digestOf(said);
    this.#remove(key);
    const chars = key.length + JSON.stringify(keepsake).length;
    if (chars > this.#maxChars) return;
    this.#entries.set(key, { keepsake, chars, model: owner });
    this.#count(owner, chars, 1);
    for (const oldest of this.#entries.keys()) {
      if (this.#chars <= this.#maxChars) break;
      this.#remove(oldest);
    }
  }

  /** What this very model gave with this message; null when that is not known. */
  recall(model: Model, said: Said): JsonObject | null {
    const owner = nameOf(model);
    if (!this.#counts.has(owner) || said.message.role !== "assistant") return null;
    const key = owner + digestOf(said);
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.keepsake;
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#count(entry.model, -entry.chars, -1);
  }

  #count(owner: string, chars: number, entries: number): void {
    this.#chars += chars;
    const count = (this.#counts.get(owner) ?? 0) + entries;
    if (count === 0) this.#counts.delete(owner);
    else this.#counts.set(owner, count);
  }
}

function nameOf({ provider, modelId }: Model): string {
  return JSON.stringify([provider, modelId]);
}

/**
 * Names a message by its calls or its text. Where that may be said twice ("Done."), what it answers
 * is part of the name; ids that are made to be unique say enough, whatever the client changes around.
 */
function digestOf({ message, before }: Said): string {
  const calls = message["tool_calls"] ?? [];
  const ids = calls.map((call) => call.id);
  const isUnique = ids.length > 0 && ids.every((id) => RANDOM_ID.test(id));
  const asked = isUnique ? "" : textOf(before.findLast(({ role }) => role !== "assistant"));
  const name = isUnique ? ids : [...calls.map(nameOfCall), textOf(message), asked];
  return createHash("sha256").update(JSON.stringify(name)).digest("base64");
}

/** An id with a run of letters and digits, both of them, that nobody counts up. */
const RANDOM_ID = /(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{16}/;

/** Clients may write the arguments anew: what they say is the same. */
function nameOfCall(call: AnyToolCall): string {
  const { name, arguments: text } = functionOfCall(call);
  return JSON.stringify([call.id, name, text.replaceAll(/\s+/g, "")]);
}

/** Clients may trim texts, or send them as parts. */
function textOf(message: ChatMessage | undefined): string {
  return textOfContent(message?.content).trim();
}
