/** How long a client waits for its response, as far as it says so. */

import type { HeaderMap } from "./features.ts";

/** What a client says of its patience. */
export interface ClientLimit {
  /** Milliseconds from the request to the response: after them the client leaves. */
  readonly limitMs: number;
  /** The header that says so. */
  readonly header: string;
}

/**
 * THE TABLE of headers, in seconds; the first that is there counts. OpenAI's and Anthropic's SDKs
 * send them: the JavaScript ones their time limit, the Python ones that of one read.
 */
const LIMIT_HEADERS: readonly string[] = ["x-stainless-timeout", "x-stainless-read-timeout"];

/** A day, in milliseconds: whoever waits longer has no limit. */
const MAX_LIMIT_MS = 86_400_000;

/** The limit that the client's headers tell; null when they tell none, or nothing sensible. */
export function readClientLimit(headers: HeaderMap): ClientLimit | null {
  for (const header of LIMIT_HEADERS) {
    const text = headers.get(header)?.trim() ?? "";
    const seconds = /^\d{1,7}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
    if (seconds > 0) return { limitMs: Math.min(seconds * 1_000, MAX_LIMIT_MS), header };
  }
  return null;
}

/** The share of its limit that a client keeps, so that our error reaches it before it leaves. */
const MARGIN_SHARE = 0.05;

/** The most milliseconds of that. */
const MAX_MARGIN_MS = 1_000;

/** Milliseconds that answering may take, a little less than the client waits. */
export function answerLimitMs({ limitMs }: ClientLimit): number {
  return limitMs - Math.min(limitMs * MARGIN_SHARE, MAX_MARGIN_MS);
}

/** No client is in such a hurry that it needs signs of life more often, in milliseconds. */
const MIN_KEEP_ALIVE_MS = 100;

/** Milliseconds of silence after which a stream must show a sign of life to this client. */
export function keepAliveMsFor(limit: ClientLimit | null, configuredMs: number): number {
  if (limit === null) return configuredMs;
  return Math.min(configuredMs, Math.max(limit.limitMs / 2, MIN_KEEP_ALIVE_MS));
}
