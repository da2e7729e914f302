/** Reads what an upstream answers: whole, streamed, or an error. */

import { chunksOfAnswer } from "../core/answer.ts";
import type { AnswerMessage, ChatChunk } from "../core/chat.ts";
import type { JsonObject } from "../core/json.ts";
import type { Adapter, SettledEvent, StreamDecoder, StreamEvent } from "../providers/adapter.ts";
import { MAX_ANSWER_BYTES, MAX_ERROR_BYTES, readFrames, readText } from "../providers/transport.ts";
import { type Broken, timeoutFault } from "../providers/watchdog.ts";
import { parseJson } from "../wire/json.ts";
import { createNdjsonReader } from "../wire/ndjson.ts";
import { createSseReader, type FrameReader } from "../wire/sse.ts";
import { settleAnswer, settleEvents } from "./doubt.ts";
import { type AttemptEvent, type Exchange, limitAnswer } from "./exchange.ts";
import { Heard } from "./heard.ts";

/** The longest event of a stream, in characters: an 8 MB line and its envelope fit. */
export const MAX_FRAME_CHARS: number = 16 * 1024 * 1024;

/** The deepest nesting of an answer. */
export const MAX_ANSWER_DEPTH = 256;

/** The key of the config that says how long a stream may be silent. */
export const IDLE_KEY = "idle_timeout_secs";

/** Reads a response with a status of success. */
export async function* readReply(
  response: Response,
  options: { readonly x: Exchange; readonly stream: boolean },
): AsyncGenerator<AttemptEvent, void, void> {
  if (isPage(response)) return yield await refusePage(response);
  if (!options.stream) return yield* readAnswer(response, options);
  if (isJson(response)) {
    limitAnswer(options.x, null);
    return yield* readAnswer(response, options);
  }
  yield* readStream(response, options.x);
}

/** Whether the response calls itself JSON. */
export function isJson(response: Response): boolean {
  return /^application\/json\b/i.test(response.headers.get("content-type") ?? "");
}

/** Whether the response is a web page, as those of proxies and of wrong addresses are. */
export function isPage(response: Response): boolean {
  return /^text\/html\b/i.test(response.headers.get("content-type") ?? "");
}

/** The fault of a web page, which is not read. */
export async function refusePage(response: Response): Promise<Broken> {
  await response.body?.cancel();
  const message = "answered with a web page; check the provider's base_url";
  return { type: "fault", fault: { kind: "malformed", status: null, message } };
}

/** Reads a response with another status. */
export async function readError(
  response: Response,
  x: Pick<Exchange, "watchdog" | "adapter">,
): Promise<Broken> {
  const read = await readText(response, { watchdog: x.watchdog, maxBytes: MAX_ERROR_BYTES });
  if (read.type === "cancelled") return read;
  const text = read.type === "text" ? read.text : "";
  const json = parseJson(text, { maxDepth: MAX_ANSWER_DEPTH });
  const { status } = response;
  const headers = datedHeaders(response.headers);
  const fault = x.adapter.decodeError({ status, headers, body: json.ok ? json.value : null });
  return { type: "fault", fault };
}

/** A reply without a date counts from its arrival: RFC 9110 section 6.6.1. */
function datedHeaders(headers: Headers): Headers {
  if (headers.has("date")) return headers;
  return new Headers([...headers, ["date", new Date().toUTCString()]]);
}

async function* readAnswer(
  response: Response,
  options: { readonly x: Exchange; readonly stream: boolean },
): AsyncGenerator<AttemptEvent, void, void> {
  const { x, stream } = options;
  const read = await readText(response, { watchdog: x.watchdog, maxBytes: MAX_ANSWER_BYTES });
  if (read.type !== "text") return yield read;
  const json = parseJson(read.text, { maxDepth: MAX_ANSWER_DEPTH });
  if (!json.ok) return yield* stream ? readLateStream(read.text, x) : refuseText(read.text);
  const result = await settleAnswer(x.adapter.decodeAnswer(json.value, x.context), x);
  if (result.type === "fault") {
    if (result.usage !== undefined) x.trace.noteSpent(result.usage);
    return yield { type: "fault", fault: result.fault };
  }
  x.watchdog.complete();
  x.trace.noteAnswer(result.answer);
  noteAnswerTime(x);
  keep(x, { message: result.answer.choices[0]?.message, keepsake: result.keepsake });
  if (stream) yield { type: "chunks", chunks: chunksOfAnswer(result.answer) };
  else yield result;
  yield { type: "done" };
}

function* refuseText(text: string): Generator<AttemptEvent, void, void> {
  const what = text.trim() === "" ? "an empty body" : "a body that is not valid JSON";
  const message = `answered with ${what}`;
  yield { type: "fault", fault: { kind: "malformed", status: null, message } };
}

/** Some servers call a stream JSON: it is read all the same, though not as it comes. */
async function* readLateStream(
  text: string,
  x: Exchange,
): AsyncGenerator<AttemptEvent, void, void> {
  const reader = createReader(x.adapter);
  const frames = [...reader.push(new TextEncoder().encode(text)), ...reader.end()];
  if (frames.length === 0) return yield* refuseText(text);
  const decoder = x.adapter.createDecoder(x.context);
  const ends = { x, heard: new Heard() };
  const hasEnded = yield* passOn(frames.flatMap((frame) => decoder.decode(frame)), ends);
  if (!hasEnded) yield* finishStream(decoder, ends);
}

async function* readStream(
  response: Response,
  x: Exchange,
): AsyncGenerator<AttemptEvent, void, void> {
  const decoder = x.adapter.createDecoder(x.context);
  const heard = new Heard();
  const frames = readFrames(response, { watchdog: x.watchdog, reader: createReader(x.adapter) });
  for await (const batch of frames) {
    if (batch.type !== "frames") return yield batch;
    const events = batch.frames.flatMap((frame) => decoder.decode(frame));
    const end = yield* passOn(events, { x, heard });
    if (end) return;
  }
  yield* finishStream(decoder, { x, heard });
}

/** Where a stream goes: to the client, and into the message that it adds up to. */
interface StreamEnds {
  readonly x: Exchange;
  readonly heard: Heard;
}

/** Notes how long a whole answer took, for those who choose among models that have much to do. */
function noteAnswerTime({ pace, trace, standing, context, inputTokens }: Exchange): void {
  const { isLoaded, isAlone } = standing;
  pace.noteAnswer(context.model, {
    ttftMs: trace.ttftMs,
    readTokens: Math.max(0, inputTokens - (trace.usage?.cachedTokens ?? 0)),
    latencyMs: performance.now() - trace.startedAt,
    isLoaded,
    isAlone,
  });
}

/** Keeps what the model must have back with its message. */
function keep(
  { vault, context }: Exchange,
  { message, keepsake }: {
    readonly message: AnswerMessage | undefined;
    readonly keepsake: JsonObject | undefined;
  },
): void {
  if (keepsake === undefined || message === undefined) return;
  vault.keep(context.model, { message, before: context.request.messages }, keepsake);
}

function createReader(adapter: Adapter): FrameReader {
  const options = { maxFrameChars: MAX_FRAME_CHARS };
  return adapter.framing === "sse" ? createSseReader(options) : createNdjsonReader(options);
}

async function* finishStream(
  decoder: StreamDecoder,
  ends: StreamEnds,
): AsyncGenerator<AttemptEvent, void, void> {
  const hasEnded = yield* passOn(decoder.end(), ends);
  if (hasEnded) return;
  const message = "the stream ended before the answer's end";
  yield { type: "fault", fault: { kind: "truncated", status: null, message } };
}

/** Passes events on, what is in doubt once it is decided; returns whether the stream is over. */
async function* passOn(
  events: readonly StreamEvent[],
  ends: StreamEnds,
): AsyncGenerator<AttemptEvent, boolean, void> {
  if (isSettled(events)) return yield* passSettled(events, ends);
  const at = events.findIndex((event) => event.type === "doubt");
  const before = yield* passOn(events.slice(0, at), ends);
  return before || (yield* passSettled(await settleEvents(events.slice(at), ends.x), ends));
}

function isSettled(events: readonly StreamEvent[]): events is readonly SettledEvent[] {
  return events.every((event) => event.type !== "doubt");
}

/** Passes chunks on, several at once where they came at once; returns whether the stream is over. */
function* passSettled(
  events: readonly SettledEvent[],
  { x, heard }: StreamEnds,
): Generator<AttemptEvent, boolean, void> {
  const chunks: ChatChunk[] = [];
  let end: AttemptEvent | null = null;
  let keepsake: JsonObject | undefined;
  for (const event of events) {
    if (event.type === "chunk") chunks.push(event.chunk);
    else end ??= event;
    if (event.type === "done") keepsake = event.keepsake;
  }
  const hadFirstToken = x.trace.hasFirstToken;
  for (const chunk of chunks) {
    x.trace.noteChunk(chunk);
    heard.add(chunk);
  }
  const { ttftMs } = x.trace;
  if (!hadFirstToken && ttftMs !== null) {
    x.pace.note(x.context.model, { ttftMs, inputTokens: x.inputTokens });
    const { idleTimeoutMs } = x.provider;
    x.watchdog.limitSilence(idleTimeoutMs, timeoutFault("further token", idleTimeoutMs, IDLE_KEY));
  }
  if (end?.type === "done") {
    x.watchdog.complete();
    x.trace.noteEnd();
    noteAnswerTime(x);
    keep(x, { message: heard.message, keepsake });
  }
  if (chunks.length > 0) yield { type: "chunks", chunks };
  if (end !== null) yield end;
  return end !== null;
}
