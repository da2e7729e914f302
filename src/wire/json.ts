/** JSON from outside: parsed without a throw, and never deeper than the code that walks it. */

import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";

/** What a document may be. */
export interface JsonLimits {
  /** The most arrays and objects inside one another. */
  readonly maxDepth: number;
  /** Whether a string with half a surrogate pair, which no UTF-8 can carry, is refused. */
  readonly refuseLoneSurrogates?: boolean;
}

/** A document, or why it is none. */
export type ParsedJson =
  | { readonly ok: true; readonly value: JsonValue }
  | {
    readonly ok: false;
    /** A predicate of the document: `is not valid JSON (line 1, column 5)`. Quotes nothing of it. */
    readonly reason: string;
    /** The path of the value that is at fault; null when it is the document as a whole. */
    readonly path: string | null;
  };

/** Parses a JSON document. Never throws; time and memory are linear in its length. */
export function parseJson(text: string, limits: JsonLimits): ParsedJson {
  if (text.trim() === "") return refuse("is empty");
  if (isDeeperThan(text, limits.maxDepth)) {
    return refuse(`is nested more than ${limits.maxDepth} deep`);
  }
  const result = tryParse(text);
  if (!result.ok) return refuse(describeSyntaxError(result.error));
  if (limits.refuseLoneSurrogates && SURROGATE_ESCAPE.test(text)) {
    const path = findLoneSurrogate(result.value);
    if (path !== null) return refuse(HALF_PAIR, path.replace(/^\./, ""));
  }
  return { ok: true, value: result.value };
}

/** The value of a JSON text, or undefined when it is none; for what need not say why. */
export function readJson(text: string): JsonValue | undefined {
  const result = tryParse(text);
  return result.ok ? result.value : undefined;
}

function refuse(reason: string, path: string | null = null): ParsedJson {
  return { ok: false, reason, path };
}

const HALF_PAIR = "has half of a surrogate pair in a string";

/** Decoded UTF-8 has no lone surrogates: only an escape can bring one. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

type Attempt =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly error: unknown };

function tryParse(text: string): Attempt {
  try {
    return { ok: true, value: JSON.parse(text) as JsonValue };
  } catch (error) {
    return { ok: false, error };
  }
}

/** The engine's message quotes the document: only the position is taken from it. */
function describeSyntaxError(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const place = /\(line (\d+) column (\d+)\)/.exec(message);
  if (place !== null) return `is not valid JSON (line ${place[1]}, column ${place[2]})`;
  if (message.includes("end of JSON input")) return "is not valid JSON (it ends too early)";
  return "is not valid JSON";
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Counts brackets outside strings; strings are skipped by a search, so long ones cost little. */
function isDeeperThan(text: string, maxDepth: number): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = findStringEnd(text, index);
      if (index < 0) return false; // an open string: the parser says where
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > maxDepth) return true;
    } else if (code === 0x5d || code === 0x7d) {
      depth--;
    }
  }
  return false;
}

/** The index of the quote that ends the string begun at `start`, or -1. */
function findStringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return -1;
}

/**
 * The path of the first string with half a surrogate pair (that of its object, when it is a key), or
 * null. The root's path is "". Recursive: the value's depth must have been checked.
 */
export function findLoneSurrogate(value: JsonValue): string | null {
  if (typeof value === "string") return value.isWellFormed() ? null : "";
  if (isJsonObject(value)) return findInObject(value);
  if (!Array.isArray(value)) return null;
  for (const [index, item] of value.entries()) {
    const path = findLoneSurrogate(item);
    if (path !== null) return `[${index}]${path}`;
  }
  return null;
}

function findInObject(value: JsonObject): string | null {
  for (const [key, item] of Object.entries(value)) {
    if (!key.isWellFormed()) return "";
    const path = item === undefined ? null : findLoneSurrogate(item);
    if (path !== null) return `.${key}${path}`;
  }
  return null;
}
