/** What models gave beside their answers, kept for the requests in which they must have it back. */

import { createHash } from "node:crypto";
import type { Model } from "../core/catalog.ts";
import { type AnyToolCall, type ChatMessage, functionOfCall, textOfContent } from "../core/chat.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { readJson } from "../wire/json.ts";

/** The most characters of JSON that are kept in all: an agent's day, and no burden for a laptop. */
const MAX_CHARS = 32 * 1024 * 1024;

/** An answer, and the messages that it answers. */
export interface Said {
  readonly message: ChatMessage;
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

  /** Keeps what the model gave with its answer to these messages. */
  keep(model: Model, said: Said, keepsake: JsonObject): void {
    const owner = nameOf(model);
    const key = owner + (nameAnswers([...said.before, said.message]).at(-1) ?? "");
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

  /**
   * What this very model gave with the assistant message at an index of the conversation; null when
   * that is not known. The messages are read at the first question, and once.
   */
  recaller(
    model: Model,
    messages: readonly ChatMessage[],
  ): (index: number) => JsonObject | null {
    const owner = nameOf(model);
    if (!this.#counts.has(owner)) return () => null;
    const names = lazily(() => nameAnswers(messages));
    return (index) => this.#use(owner + (names()[index] ?? ""));
  }

  #use(key: string): JsonObject | null {
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

function lazily<T>(make: () => T): () => T {
  const made: T[] = [];
  return () => made[0] ?? (made[0] = make());
}

/**
 * The names of the assistant messages, by index; "" for other messages. One is named by its calls or
 * its text. Where that may be said twice ("Done."), what it answers is part of the name, and how
 * often that was answered so; ids that are made to be unique say enough, whatever the client changes
 * around.
 */
function nameAnswers(messages: readonly ChatMessage[]): readonly string[] {
  const counts = new Map<string, number>();
  let asked = "";
  return messages.map((message) => {
    if (message.role !== "assistant") {
      asked = textOf(message);
      return "";
    }
    const calls = message["tool_calls"] ?? [];
    const ids = calls.map((call) => call.id);
    const isUnique = ids.length > 0 && ids.every((id) => RANDOM_ID.test(id));
    const said = JSON.stringify(
      isUnique ? ids : [...calls.map(nameOfCall), textOf(message), asked],
    );
    const count = counts.get(said) ?? 0;
    counts.set(said, count + 1);
    return createHash("sha256").update(`${isUnique ? 0 : count} ${said}`).digest("base64");
  });
}

/** An id with a run of letters and digits, both of them, that nobody counts up. */
const RANDOM_ID = /(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{16}/;

/** Clients may write the arguments anew: what they say is the same. */
function nameOfCall(call: AnyToolCall): JsonValue {
  const { name, arguments: text } = functionOfCall(call);
  return [call.id, name, sortKeys(readJson(text) ?? text)];
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value).sort().map((key) => [key, sortKeys(value[key] ?? null)]),
  );
}

/** Clients may trim texts, or send them as parts. */
function textOf(message: ChatMessage): string {
  return textOfContent(message.content).trim();
}
