/** Ollama's errors: a status and a sentence, no codes, so the sentence has to be read. */

import { type JsonValue, numberAt, objectAt, stringAt, valueAt } from "../core/json.ts";
import { type FaultKind, faultKindOfStatus, type UpstreamFault } from "../core/outcome.ts";
import { readJson } from "../wire/json.ts";
import type { ErrorReply } from "./adapter.ts";
import { readRetryAfterMs } from "./retry_after.ts";

/** The numbers of a context overflow, as far as they are known; all are tokens. */
export interface OverflowNumbers {
  readonly window?: number | undefined;
  readonly inputTokens?: number | undefined;
  /** What the upstream said, kept where the numbers are not known. */
  readonly original?: string;
}

/** Reads the reply of a request that failed. */
export function decodeError(reply: ErrorReply): UpstreamFault {
  const text = errorText(reply.body) ?? `The Ollama server answered with status ${reply.status}.`;
  const fault = faultOfText(text, reply.status);
  return { ...fault, retryAfterMs: readRetryAfterMs(reply.headers) };
}

/** The sentence of an `{"error": …}` body or line, never empty; undefined when it is none. */
export function errorText(body: JsonValue): string | undefined {
  const error = valueAt(body, "error");
  if (error === undefined || error === null) return undefined;
  const text = typeof error === "string" ? error : stringAt(error, "message") ?? "";
  return text === "" ? "Ollama reported an error without saying which." : text;
}

/** The fault that a sentence of Ollama means; the status is null when it came within a stream. */
export function faultOfText(text: string, status: number | null): UpstreamFault {
  for (const rule of TEXT_RULES) {
    const match = rule.pattern.exec(text);
    if (match !== null) return rule.read({ text, status, match });
  }
  const kind = status === null ? "server_error" : faultKindOfStatus(status);
  return { kind, status, message: text };
}

/**
 * The fault of a request that exceeds a context window, in OpenAI's sentence: clients know an
 * overflow by it. https://platform.openai.com/docs/guides/error-codes
 */
export function overflowFault(status: number | null, numbers: OverflowNumbers): UpstreamFault {
  const { window, inputTokens, original } = numbers;
  const isKnown = window !== undefined && inputTokens !== undefined;
  return {
    kind: "context_overflow",
    status,
    message: isKnown
      ? `This model's maximum context length is ${window} tokens. However, your messages resulted ` +
        `in ${inputTokens} tokens. Please reduce the length of the messages.`
      : "This model's maximum context length is exceeded by your messages. " +
        `Please reduce the length of the messages. (Ollama: ${original ?? "no details"})`,
    type: "invalid_request_error",
    code: "context_length_exceeded",
    param: "messages",
  };
}

interface TextMatch {
  readonly text: string;
  readonly status: number | null;
  readonly match: RegExpExecArray;
}

interface TextRule {
  readonly pattern: RegExp;
  readonly read: (source: TextMatch) => UpstreamFault;
}

/** First match wins. The sentences are those of Ollama's server and of the runner it starts. */
const TEXT_RULES: readonly TextRule[] = [
  {
    pattern:
      /exceed_context_size|(exceeds|exceeded|longer than) (the )?(available |maximum |max )?context/i,
    read: ({ text, status }) => overflowFault(status, { ...overflowNumbers(text), original: text }),
  },
  {
    pattern: /model ["'`]?([^"'`\s]+)["'`]? not found/i,
    read: ({ status, match }) => ({
      kind: "not_found",
      status,
      message: `Ollama has no model "${match[1]}"; get it with: ollama pull ${match[1]}`,
      code: "model_not_found",
    }),
  },
  // The same model can answer without it.
  {
    pattern: /does not support thinking|think value .* is not supported/i,
    read: ({ text, status }) => ({
      kind: "unsupported",
      status,
      message: text,
      refusedField: "think",
    }),
  },
  // Another model can answer these, so they are no fault of the request.
  {
    pattern: /does not support |required for image input/i,
    read: withKind("unsupported"),
  },
  {
    pattern: /usage limit|exceeded your current quota|upgrade (your plan )?to continue/i,
    read: withKind("quota"),
  },
  { pattern: /server busy|maximum pending requests/i, read: withKind("overloaded") },
];

function withKind(kind: FaultKind): TextRule["read"] {
  return ({ text, status }) => ({ kind, status, message: text });
}

/**
 * The runner's own error comes as JSON text within the sentence: `{"error":{…,"n_ctx":4096}}`,
 * or as words: `request (8889 tokens) exceeds the available context size (4096 tokens)`.
 */
function overflowNumbers(text: string): OverflowNumbers {
  const inner = readJson(text);
  const details = objectAt(inner, "error") ?? inner;
  const words = /\((\d{1,12}) tokens\)[^(]*\((\d{1,12}) tokens\)/.exec(text);
  return {
    inputTokens: numberAt(details, "n_prompt_tokens") ?? readNumber(words?.[1]),
    window: numberAt(details, "n_ctx") ?? readNumber(words?.[2]),
  };
}

function readNumber(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}
