/** Builds replies. */

import { errorBody, type RouterError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { CLIENT_LEFT } from "../engine/entry.ts";
import type { PassageEvent } from "../engine/passage.ts";
import type { RunEvent, RunHead } from "../engine/presenter.ts";
import type { HttpReply } from "./http.ts";
import { encodeSseBatch, encodeSseComment, encodeSseData, SSE_DONE } from "../wire/sse.ts";

/** What a client is shown, whichever endpoint it asked. */
export type ShownEvent = RunEvent | PassageEvent;

/** On every response. */
const BASE_HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
} as const;

/** A JSON reply. */
export function replyJson(
  body: JsonObject,
  options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): HttpReply {
  const headers = { ...BASE_HEADERS, "content-type": "application/json", ...options.headers };
  return { status: options.status ?? 200, headers, body: JSON.stringify(body) };
}

/** A reply of one line of text. */
export function replyText(text: string): HttpReply {
  return { status: 200, headers: { ...BASE_HEADERS, "content-type": "text/plain" }, body: text };
}

/** A reply to a client that has left: nobody reads it. */
export const REPLY_TO_NOBODY: HttpReply = { status: CLIENT_LEFT, headers: {}, body: "" };

/** An error in OpenAI's envelope. */
export function replyError(
  error: RouterError,
  headers: Readonly<Record<string, string>> = {},
): HttpReply {
  const extra: Record<string, string> = { ...headers };
  if (error.retryAfterMs !== undefined) {
    extra["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000)));
  }
  if (error.shouldRetry === false) extra["x-should-retry"] = "false";
  if (error.allow !== undefined) extra["allow"] = error.allow.join(", ");
  return replyJson(errorBody(error), { status: error.status, headers: extra });
}

/** The error that a request ended with once a model was asked: rule and attempts are told as for an answer. */
export function replyFailure(failure: Extract<ShownEvent, { readonly type: "error" }>): HttpReply {
  return replyError(failure.error, {
    "x-pirouter-rule": failure.ruleName,
    "x-pirouter-attempts": String(failure.attemptCount),
  });
}

/** The headers that name the request. */
export function idHeaders(requestId: string): Record<string, string> {
  return { "x-pirouter-request-id": requestId, "x-request-id": requestId };
}

/** The headers that tell how a request was answered. */
export function headHeaders(head: RunHead): Record<string, string> {
  const headers: Record<string, string> = {
    "x-pirouter-model": toHeaderValue(head.alias),
    "x-pirouter-rule": head.ruleName,
    "x-pirouter-attempts": String(head.attemptCount),
  };
  const { dropped } = head;
  if (dropped.length > 0) headers["x-pirouter-dropped"] = toHeaderValue(dropped.join(", "));
  return headers;
}

/** The most characters of a header's value. */
const MAX_VALUE_CHARS = 1_024;

/** What others named, as a header's value: whatever is not printable ASCII becomes `?`. */
function toHeaderValue(names: string): string {
  return names.replace(/[^\x20-\x7e]/g, "?").slice(0, MAX_VALUE_CHARS);
}

/** What a streamed reply is made of. */
export interface StreamSource {
  readonly headers: Readonly<Record<string, string>>;
  /** The events, and the first of them, which may still be awaited. */
  readonly events: AsyncGenerator<ShownEvent, void, void>;
  readonly first: Promise<IteratorResult<ShownEvent, void>>;
  /** Milliseconds of silence after which a comment is sent. */
  readonly keepAliveMs: number;
}

/** A reply that streams the events of a request as they come. */
export function replyStream(source: StreamSource): HttpReply {
  const headers = {
    ...BASE_HEADERS,
    "content-type": "text/event-stream; charset=utf-8",
    "x-accel-buffering": "no",
    ...source.headers,
  };
  const keepAlive = { afterMs: source.keepAliveMs, bytes: KEEP_ALIVE };
  const cancel = async () => void await source.events.return();
  return { status: 200, headers, body: { chunks: encodeEvents(source), cancel, keepAlive } };
}

/** After an error there is no `[DONE]`: a broken stream must not look like a whole one. */
async function* encodeEvents(source: StreamSource): AsyncGenerator<Uint8Array, void, void> {
  const { events, first } = source;
  try {
    for (let next = await first; !next.done; next = await events.next()) {
      const bytes = encodeEvent(next.value);
      if (bytes !== null) yield bytes;
      if (next.value.type === "error") return;
    }
    yield encodeSseData(SSE_DONE);
  } finally {
    await events.return();
  }
}

const KEEP_ALIVE = encodeSseComment("keep-alive");

/** The bytes of an event; null for the head, which is in the headers. */
function encodeEvent(event: ShownEvent): Uint8Array | null {
  switch (event.type) {
    case "head":
      return null;
    case "error":
      return encodeSseData(JSON.stringify(errorBody(event.error)));
    case "answer":
      throw new Error("a streamed request was answered with a whole answer");
    case "chunks":
      return encodeSseBatch(event.chunks.map((chunk) => JSON.stringify(chunk)));
  }
}
