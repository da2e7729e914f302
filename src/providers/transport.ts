/** The only place that talks to upstreams: deadlines, caps, no redirects. Every body is read or cancelled. */

import type { UpstreamFault } from "../core/outcome.ts";
import type { FrameReader, SseFrame } from "../wire/sse.ts";
import type { JsonValue } from "../core/json.ts";
import { readJson } from "../wire/json.ts";
import { CLOSED_CODE, explainConnectError } from "./connect_error.ts";
import { watchReach } from "./reach.ts";
import { type Broken, timeoutFault, Watchdog } from "./watchdog.ts";

/** A request in its dialect, serialised. */
export interface WireRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A response's head. Its body must be read or cancelled. */
export type Reply = { readonly type: "reply"; readonly response: Response } | Broken;

/** A body read to its end. */
export type ReadText = { readonly type: "text"; readonly text: string } | Broken;

/** The most bytes of a whole answer. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** The most bytes of an error's body that are read. */
export const MAX_ERROR_BYTES = 256 * 1024;

/**
 * Sends a request and waits for the response's head, for a connection only `connectMs` milliseconds
 * (null: as long as for the head).
 * A fault says `isStale` where the connection was closed before the head, whatever the reason.
 */
export async function sendRequest(
  request: WireRequest,
  options: {
    readonly client: Deno.HttpClient;
    readonly watchdog: Watchdog;
    readonly connectMs: number | null;
  },
): Promise<Reply> {
  const { connectMs: limitMs, watchdog } = options;
  using _ = limitMs === null ? null : watchReach(request.url, {
    limitMs,
    onUnreachable: () => watchdog.end(unreachableFault(limitMs)),
  });
  try {
    const response = await fetch(request.url, {
      method: "POST",
      headers: request.headers,
      // Deno 2.9.6 sends a text again, and tells nobody, when the connection breaks before the head:
      // the upstream would be asked, and paid, twice. It can't with a Blob.
      body: new Blob([request.body]),
      redirect: "manual",
      signal: options.watchdog.signal,
      client: options.client,
    });
    if (response.status < 300 || response.status >= 400) return { type: "reply", response };
    await response.body?.cancel();
    return { type: "fault", fault: redirectFault(response.status) };
  } catch (error) {
    return options.watchdog.explain(connectFault(error));
  }
}

function unreachableFault(limitMs: number): UpstreamFault {
  const message = `no connection within ${limitMs / 1_000} s: is the provider's host up?`;
  return { kind: "connect", status: null, message, code: "connect_timeout" };
}

/**
 * Gets a small JSON document, by a POST where there is a body; null when that fails, takes longer
 * than `limitMs` milliseconds or is longer than `maxBytes`.
 */
export async function getJson(
  request: Pick<WireRequest, "url" | "headers"> & { readonly body?: string },
  options: {
    readonly client: Deno.HttpClient;
    readonly signal: AbortSignal;
    readonly limitMs: number;
    readonly maxBytes?: number;
  },
): Promise<JsonValue> {
  using watchdog = new Watchdog(options.signal);
  watchdog.limit(options.limitMs, timeoutFault("reply", options.limitMs));
  const { headers, body } = request;
  const { client, maxBytes = MAX_ERROR_BYTES } = options;
  const { signal } = watchdog;
  const sent = body === undefined ? { headers } : { method: "POST", headers, body };
  try {
    const response = await fetch(request.url, { ...sent, redirect: "manual", signal, client });
    const read = await readText(response, { watchdog, maxBytes });
    if (read.type === "text" && response.ok) return readJson(read.text) ?? null;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
  return null;
}

function redirectFault(status: number): UpstreamFault {
  const message = `answered with a redirect (HTTP ${status}), which is never followed; ` +
    "check the provider's base_url";
  return { kind: "connect", status, message };
}

/** What of a failed connection may be told: its kind, never the URL that the error's cause holds. */
function connectFault(error: unknown): UpstreamFault {
  const text = error instanceof Error ? `${error.message} ${causeOf(error)}` : "";
  const { code, message } = explainConnectError(text);
  return { kind: "connect", status: null, message, code, isStale: code === CLOSED_CODE };
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : "";
}

const CUT: UpstreamFault = {
  kind: "truncated",
  status: null,
  message: "the connection was lost before the answer's end",
};

/** Reads a body as text, up to `maxBytes`. */
export async function readText(
  response: Response,
  options: { readonly watchdog: Watchdog; readonly maxBytes: number },
): Promise<ReadText> {
  const decoder = new TextDecoder();
  let text = "";
  let byteCount = 0;
  for await (const batch of readBytes(response, options.watchdog)) {
    if (batch.type !== "bytes") return batch;
    byteCount += batch.bytes.length;
    if (byteCount > options.maxBytes) return { type: "fault", fault: tooLong(options.maxBytes) };
    text += decoder.decode(batch.bytes, { stream: true });
  }
  return { type: "text", text: text + decoder.decode() };
}

function tooLong(maxBytes: number): UpstreamFault {
  const message = `the answer is longer than ${maxBytes} bytes`;
  return { kind: "malformed", status: null, message };
}

/** Some frames, or why there are no more. */
export type FrameBatch =
  | { readonly type: "frames"; readonly frames: readonly SseFrame[] }
  | Broken;

/** The frames of a streamed body, those of one read at a time. */
export async function* readFrames(
  response: Response,
  options: { readonly watchdog: Watchdog; readonly reader: FrameReader },
): AsyncGenerator<FrameBatch, void, void> {
  const { watchdog, reader } = options;
  for await (const batch of readBytes(response, watchdog)) {
    if (batch.type !== "bytes") {
      yield batch;
      return;
    }
    const frames = reader.push(batch.bytes);
    if (frames.length > 0) yield { type: "frames", frames };
    if (reader.isOverflown) {
      const message = "one event of the stream is longer than its cap";
      yield { type: "fault", fault: { kind: "malformed", status: null, message } };
      return;
    }
  }
  yield { type: "frames", frames: reader.end() };
}

type BytesBatch = { readonly type: "bytes"; readonly bytes: Uint8Array } | Broken;

/** The reads of a body. Left early, the body is read on to its end when complete, else cancelled. */
async function* readBytes(
  response: Response,
  watchdog: Watchdog,
): AsyncGenerator<BytesBatch, void, void> {
  const source = response.body?.getReader();
  if (source === undefined) return;
  let hasEnded = false;
  try {
    while (!hasEnded) {
      const batch = await readOnce(source, watchdog);
      hasEnded = batch === null || batch.type !== "bytes";
      if (batch !== null) yield batch;
    }
  } finally {
    if (!hasEnded) leaveBody(source, watchdog.isComplete);
  }
}

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

async function readOnce(source: BodyReader, watchdog: Watchdog): Promise<BytesBatch | null> {
  watchdog.noteWait();
  try {
    const { done, value } = await source.read();
    watchdog.noteArrival();
    return done ? null : { type: "bytes", bytes: value };
  } catch {
    return watchdog.explain(CUT);
  }
}

/** Milliseconds that a complete answer's connection gets to end by itself. */
const LINGER_MS = 1_000;

/**
 * Lets go of a body without making anyone wait. After the end marker it is read on to its end, so
 * that the upstream sees no abort and the connection is used again.
 */
function leaveBody(source: BodyReader, isComplete: boolean): void {
  const cancel = () => void source.cancel().catch(ignoreClosed);
  if (!isComplete) return cancel();
  const timer = setTimeout(cancel, LINGER_MS);
  const readOn = (): Promise<void> => source.read().then(({ done }) => done ? undefined : readOn());
  void readOn().catch(ignoreClosed).finally(() => clearTimeout(timer));
}

/** A body that is already closed or broken has nothing left to release. */
function ignoreClosed(): void {}
