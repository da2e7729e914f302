/** Reads the errors of the OpenAI dialect, as its vendors nest and name them. */

import {
  arrayAt,
  isJsonObject,
  type JsonValue,
  numberAt,
  objectAt,
  stringAt,
  valueAt,
} from "../core/json.ts";
import { readJson } from "../wire/json.ts";

/** What an error says. */
export interface ErrorSigns {
  readonly type: string | null;
  readonly code: string | null;
  readonly param: string | null;
  /** The machine's words for it, the most specific first, in lower case. */
  readonly words: readonly string[];
  /** The HTTP status, else the one that the body tells. */
  readonly status: number | null;
  /** The sentence for people; empty when there is none. */
  readonly text: string;
  /** Milliseconds to wait, where the body says it. */
  readonly retryDelayMs: number | null;
}

/** The word for a quota of a day that is used up; Google's metrics spell it in several ways. */
export const DAILY_QUOTA = "quota per day";

/** The word for an input that a filter has refused; OpenRouter tells it by what stands beside. */
export const FLAGGED = "flagged input";

/** Reads an error object, or a body that has one; `status` null means that it came with a 200. */
export function readErrorSigns(body: JsonValue, status: number | null): ErrorSigns {
  // Google wraps the object in an array.
  const source = Array.isArray(body) ? body[0] ?? null : body;
  const error = findError(source);
  const type = stringAt(error, "type") ?? null;
  const code = stringAt(error, "code") ?? stringAt(source, "code") ?? null;
  const inner = readRaw(error);
  const words = [
    ...hiddenWords(error),
    code,
    type,
    stringAt(error, "status"),
    stringAt(inner, "code"),
    stringAt(inner, "type"),
  ];
  return {
    type,
    code,
    param: stringAt(error, "param") ?? null,
    words: words.flatMap((word) => word ? [word.toLowerCase()] : []),
    status: status ?? readStatus(error) ?? readStatus(source),
    text: readText(error, { source, inner }).trim(),
    retryDelayMs: readRetryDelayMs(error),
  };
}

/** Some servers send the object's fields bare, some a sentence in its place. */
function findError(source: JsonValue): JsonValue {
  const error = valueAt(source, "error");
  if (error !== undefined && error !== null && typeof error !== "boolean") return error;
  return isJsonObject(source) ? source : null;
}

/** The words that stand beside `code` and `type`, and are more specific. */
function hiddenWords(error: JsonValue): readonly (string | undefined)[] {
  const wrapped = objectAt(error, "provider_specific_fields"); // LiteLLM's of Azure's
  const metadata = objectAt(error, "metadata"); // OpenRouter's
  const details = arrayAt(error, "details"); // Google's: https://aip.dev/193
  const limits = details.flatMap((detail) => arrayAt(detail, "violations"));
  const isDaily = limits.some((limit) => /PerDay/i.test(stringAt(limit, "quotaId") ?? ""));
  const isFlagged = ["reasons", "patterns"].some((key) => Array.isArray(valueAt(metadata, key)));
  return [
    stringAt(objectAt(error, "innererror") ?? objectAt(wrapped, "innererror"), "code"),
    stringAt(metadata, "limit_source"),
    isFlagged ? FLAGGED : undefined,
    isDaily ? DAILY_QUOTA : undefined,
    ...details.map((detail) => stringAt(detail, "reason")),
    stringAt(metadata, "error_type"),
  ];
}

/** What the vendor behind OpenRouter said: the error itself, or its JSON text. */
function readRaw(error: JsonValue): JsonValue {
  const raw = valueAt(objectAt(error, "metadata"), "raw") ?? null;
  const body = typeof raw === "string" ? readJson(raw) ?? raw : raw;
  return valueAt(body, "error") ?? body;
}

/** A number, or one that Azure and LiteLLM write as a string. */
function readStatus(error: JsonValue): number | null {
  const text = stringAt(error, "code") ?? "";
  return numberAt(error, "code") ?? numberAt(error, "status") ??
    (/^[45]\d\d$/.test(text) ? Number(text) : null);
}

function readText(
  error: JsonValue,
  { source, inner }: { readonly source: JsonValue; readonly inner: JsonValue },
): string {
  // A sentence beside says more than one in the object's place, which may be a status' name.
  if (typeof error === "string") return stringAt(source, "message") ?? error;
  const [detail] = arrayAt(error, "detail"); // FastAPI's list of what is invalid
  const text = stringAt(error, "message") ?? stringAt(error, "detail") ?? stringAt(detail, "msg") ??
    "";
  const reason = typeof inner === "string" ? inner : stringAt(inner, "message") ?? "";
  return reason === "" ? text : `${text}: ${reason}`;
}

/** Google's `RetryInfo`, such as `"34.5s"`. */
function readRetryDelayMs(error: JsonValue): number | null {
  const delays = arrayAt(error, "details").flatMap((detail) => {
    const match = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(stringAt(detail, "retryDelay") ?? "");
    return match === null ? [] : [Math.ceil(Number(match[1]) * 1_000)];
  });
  return delays[0] ?? null;
}
