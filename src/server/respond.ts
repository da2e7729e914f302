/** Builds responses. The only place that touches `ReadableStream`. */

import { errorBody, type RouterError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { RunEvent, RunHead } from "../engine/presenter.ts";
import { encodeSseBatch, encodeSseComment, encodeSseData, SSE_DONE } from "../wire/sse.ts";

/** On every response. */
const BASE_HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
} as const;

/** A JSON response. */
export function respondJson(
  body: JsonObject,
  options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  const headers = { ...BASE_HEADERS, "content-type": "application/json", ...options.headers };
  return new Response(JSON.stringify(body), { status: options.status ?? 200, headers });
}

/** A response of one line of text. */
export function respondText(text: string): Response {
  return new Response(text, { headers: { ...BASE_HEADERS, "content-type": "text/plain" } });
}

/** An error in OpenAI's envelope. */
export function respondError(
  error: RouterError,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const extra: Record<string, string> = { ...headers };
  if (error.retryAfterMs !== undefined) {
    extra["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000)));
  }
  if (error.shouldRetry === false) extra["x-should-retry"] = "false";
  if (error.allow !== undefined) extra["allow"] = error.allow.join(", ");
  return respondJson(errorBody(error), { status: error.status, headers: extra });
}

/** The headers that name the request. */
export function idHeaders(requestId: string): Record<string, string> {
  return { "x-pirouter-request-id": requestId, "x-request-id": requestId };
}

/** The headers that tell how a request was answered. */
export function headHeaders(requestId: string, head: RunHead): Record<string, string> {
  const headers: Record<string, string> = {
    ...idHeaders(requestId),
    "x-pirouter-model": head.alias,
    "x-pirouter-rule": head.ruleName,
    "x-pirouter-attempts": String(head.attemptCount),
  };
  if (head.dropped.length > 0) headers["x-pirouter-dropped"] = listNames(head.dropped);
  return headers;
}

/** The most characters of a list in a header. */
const MAX_LIST_CHARS = 1_024;

/** Names as a header value: whatever is not printable ASCII becomes `?`. */
function listNames(names: readonly string[]): string {
  return names.join(", ").replace(/[^\x20-\x7e]/g, "?").slice(0, MAX_LIST_CHARS);
}

/** What a streamed response is made of. */
export interface StreamSource {
  readonly headers: Readonly<Record<string, string>>;
  /** The events, and the first of them, which may still be awaited. */
  readonly events: AsyncGenerator<RunEvent, void, void>;
  readonly first: Promise<IteratorResult<RunEvent, void>>;
  /** Milliseconds of silence after which a comment is sent. */
  readonly keepAliveMs: number;
  /** Ends the run: the client has left. */
  readonly abort: () => void;
}

/** A response that streams the events of a run as they come. */
export function respondStream(source: StreamSource): Response {
  const headers = {
    ...BASE_HEADERS,
    "content-type": "text/event-stream; charset=utf-8",
    "x-accel-buffering": "no",
    ...source.headers,
  };
  return new Response(createBody(source), { headers });
}

function createBody(source: StreamSource): ReadableStream<Uint8Array> {
  const { events, keepAliveMs } = source;
  let next: Promise<IteratorResult<RunEvent, void>> | null = source.first;
  let sentAt = performance.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      timer = setInterval(() => {
        if (performance.now() - sentAt < keepAliveMs) return;
        controller.enqueue(KEEP_ALIVE);
        sentAt = performance.now();
      }, keepAliveMs);
    },
    pull: async (controller) => {
      const result = await (next ?? events.next());
      next = null;
      const bytes = result.done ? encodeSseData(SSE_DONE) : encodeEvent(result.value);
      if (bytes !== null) controller.enqueue(bytes);
      sentAt = performance.now();
      if (!result.done && result.value.type !== "error") return;
      clearInterval(timer);
      await events.return();
      controller.close();
    },
    cancel: async () => {
      clearInterval(timer);
      source.abort();
      await events.return();
    },
  }, { highWaterMark: 0 });
}

const KEEP_ALIVE = encodeSseComment("keep-alive");

/** The bytes of an event; null for the head, which is in the headers. */
function encodeEvent(event: RunEvent): Uint8Array | null {
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
