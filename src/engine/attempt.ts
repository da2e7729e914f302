/** One attempt: one candidate is asked once. */

import { chunksOfAnswer } from "../core/answer.ts";
import { type ChatAnswer, type ChatChunk, type ChatRequest, isStreamed } from "../core/chat.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import type { Provider } from "../core/provider.ts";
import type { Candidate } from "../core/route.ts";
import type { Adapter, AnswerContext, StreamDecoder } from "../providers/adapter.ts";
import { ADAPTERS } from "../providers/mod.ts";
import {
  MAX_ANSWER_BYTES,
  MAX_ERROR_BYTES,
  readFrames,
  readText,
  sendRequest,
} from "../providers/transport.ts";
import { type Broken, timeoutFault, Watchdog } from "../providers/watchdog.ts";
import { parseJson } from "../wire/json.ts";
import { createNdjsonReader } from "../wire/ndjson.ts";
import { createSseReader, type FrameReader } from "../wire/sse.ts";
import type { Deadline } from "./deadline.ts";
import { findFirstTokenLimitMs } from "./first_token.ts";
import { fitRequest } from "./fit.ts";
import type { Pace } from "./pace.ts";
import type { ProviderLink, Snapshot } from "./snapshot.ts";
import type { AttemptTrace } from "./trace.ts";

/** What an attempt needs. */
export interface AttemptInput {
  readonly candidate: Candidate;
  readonly request: ChatRequest;
  /** Estimated tokens of the request's input. */
  readonly inputTokens: number;
  readonly snapshot: Snapshot;
  readonly requestId: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  /** When a whole answer must be there, for the client's sake; null: whenever it comes. */
  readonly deadline: Deadline | null;
}

/** What an attempt tells while it runs. After `done`, `fault` or `cancelled` nothing follows. */
export type AttemptEvent =
  /** The upstream was asked; these fields of the request its dialect has no word for. */
  | { readonly type: "sent"; readonly dropped: readonly string[] }
  | { readonly type: "chunks"; readonly chunks: readonly ChatChunk[] }
  | { readonly type: "answer"; readonly answer: ChatAnswer }
  | { readonly type: "done" }
  | { readonly type: "fault"; readonly fault: UpstreamFault }
  | { readonly type: "cancelled" };

/** The longest event of a stream, in characters: an 8 MB line and its envelope fit. */
const MAX_FRAME_CHARS = 16 * 1024 * 1024;

/** The deepest nesting of an answer. */
const MAX_ANSWER_DEPTH = 256;

interface Exchange {
  readonly adapter: Adapter;
  readonly provider: Provider;
  readonly link: ProviderLink;
  readonly context: AnswerContext;
  readonly watchdog: Watchdog;
  readonly trace: AttemptTrace;
  readonly pace: Pace;
  readonly inputTokens: number;
}

/** Asks one candidate. Everything that goes wrong is an event, nothing is thrown. */
export async function* runAttempt(
  input: AttemptInput,
  trace: AttemptTrace,
): AsyncGenerator<AttemptEvent, void, void> {
  const { model } = input.candidate;
  const provider = input.snapshot.config.providers.get(model.provider);
  const link = input.snapshot.links.get(model.provider);
  if (provider === undefined || link === undefined) {
    throw new Error(`model "${model.alias}" has no provider "${model.provider}"`);
  }
  const slot = await link.slots.take(input.signal, input.deadline);
  if (slot.type === "cancelled") return yield slot;
  if (slot.type === "late") return yield { type: "fault", fault: slot.fault };
  if (slot.type === "full") return yield { type: "fault", fault: queueFullFault(provider) };
  try {
    using watchdog = new Watchdog(input.signal);
    const adapter = ADAPTERS[provider.kind];
    const { requestId, created, request } = input;
    const context = { requestId, created, request, model };
    const { inputTokens, snapshot: { pace } } = input;
    const x = { adapter, provider, link, context, watchdog, trace, pace, inputTokens };
    yield* exchange(x, input);
  } finally {
    slot.release();
  }
}

function queueFullFault(provider: Provider): UpstreamFault {
  const message = `too many requests already wait for provider "${provider.id}" ` +
    `(max_concurrency = ${provider.maxConcurrency})`;
  return { kind: "rate_limit", status: null, message, isOurs: true };
}

/** The time limits of a whole answer: the provider's own, and the client's. */
function limitAnswer({ provider, watchdog }: Exchange, deadline: Deadline | null): void {
  const { requestTimeoutMs } = provider;
  const leftMs = deadline === null ? Infinity : deadline.at - performance.now();
  if (deadline !== null && leftMs < requestTimeoutMs) watchdog.limit(leftMs, deadline.fault);
  else watchdog.limit(requestTimeoutMs, timeoutFault("answer", requestTimeoutMs));
}

/** Sends the request; once more for each optional field that the model turns out to refuse. */
async function* exchange(
  x: Exchange,
  input: AttemptInput,
): AsyncGenerator<AttemptEvent, void, void> {
  const stream = isStreamed(input.request);
  const { alias } = x.context.model;
  const refusedFields = x.link.refusals.fieldsOf(alias);
  if (stream) {
    // Pings are no token: until the first one, the limit is a fixed one.
    const { model } = x.context;
    const effort = input.request["reasoning_effort"];
    const ask = { ...x, model, effort, signal: x.watchdog.signal };
    const limitMs = await findFirstTokenLimitMs(ask);
    x.watchdog.limit(limitMs, timeoutFault("first token", limitMs));
  } else limitAnswer(x, input.deadline);
  for (;;) {
    const { model } = x.context;
    const { request, dropped } = fitRequest(input.request, { model, refusedFields });
    const { provider, inputTokens } = x;
    const call = { request, model, provider, stream, inputTokens, refusedFields };
    const encoded = x.adapter.encodeRequest(call);
    if (encoded.type === "refused") return yield { type: "fault", fault: encoded.fault };
    yield { type: "sent", dropped: [...dropped, ...encoded.dropped] };
    const { url, headers } = encoded;
    const wire = { url, headers, body: JSON.stringify(encoded.body) };
    x.trace.noteSent();
    const { link: { client }, watchdog } = x;
    const reply = await sendRequest(wire, {
      client,
      watchdog,
      connectMs: provider.connectTimeoutMs,
    });
    if (reply.type !== "reply") return yield judgeConnection(reply, x);
    const { response } = reply;
    x.link.traffic.noteReply();
    x.trace.noteStatus(response.status);
    if (response.ok) return yield* readReply(response, { x, stream });
    const event = await readError(response, x);
    if (event.type !== "fault") return yield event;
    const { refusedField: field, isValueRefused } = event.fault;
    const wasSent = field !== undefined &&
      (request[field] !== undefined || encoded.body[field] !== undefined);
    if (!wasSent || refusedFields.has(field)) return yield event;
    refusedFields.add(field);
    // Another value of the field may be taken: the next request tries again.
    if (isValueRefused !== true) x.link.refusals.note(alias, field);
  }
}

/** Only a connection of the pool can have been closed before it was used. */
function judgeConnection(broken: Broken, { link, trace }: Exchange): Broken {
  if (broken.type !== "fault" || broken.fault.isStale !== true) return broken;
  return {
    type: "fault",
    fault: { ...broken.fault, isStale: link.traffic.mayBeStale(trace.startedAt) },
  };
}

async function* readReply(
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

function isJson(response: Response): boolean {
  return /^application\/json\b/i.test(response.headers.get("content-type") ?? "");
}

function isPage(response: Response): boolean {
  return /^text\/html\b/i.test(response.headers.get("content-type") ?? "");
}

async function refusePage(response: Response): Promise<AttemptEvent> {
  await response.body?.cancel();
  const message = "answered with a web page; check the provider's base_url";
  return { type: "fault", fault: { kind: "malformed", status: null, message } };
}

async function readError(response: Response, x: Exchange): Promise<AttemptEvent> {
  const read = await readText(response, { watchdog: x.watchdog, maxBytes: MAX_ERROR_BYTES });
  if (read.type === "cancelled") return read;
  const text = read.type === "text" ? read.text : "";
  const json = parseJson(text, { maxDepth: MAX_ANSWER_DEPTH });
  const { status, headers } = response;
  const fault = x.adapter.decodeError({ status, headers, body: json.ok ? json.value : null });
  return { type: "fault", fault };
}

async function* readAnswer(
  response: Response,
  options: { readonly x: Exchange; readonly stream: boolean },
): AsyncGenerator<AttemptEvent, void, void> {
  const { x, stream } = options;
  const read = await readText(response, { watchdog: x.watchdog, maxBytes: MAX_ANSWER_BYTES });
  if (read.type !== "text") return yield read;
  const json = parseJson(read.text, { maxDepth: MAX_ANSWER_DEPTH });
  if (!json.ok) return yield { type: "fault", fault: notJsonFault(read.text) };
  const result = x.adapter.decodeAnswer(json.value, x.context);
  if (result.type === "fault") {
    if (result.usage !== undefined) x.trace.noteSpent(result.usage);
    return yield { type: "fault", fault: result.fault };
  }
  x.watchdog.complete();
  x.trace.noteAnswer(result.answer);
  if (stream) yield { type: "chunks", chunks: chunksOfAnswer(result.answer) };
  else yield result;
  yield { type: "done" };
}

function notJsonFault(text: string): UpstreamFault {
  const what = text.trim() === "" ? "an empty body" : "a body that is not valid JSON";
  return { kind: "malformed", status: null, message: `answered with ${what}` };
}

async function* readStream(
  response: Response,
  x: Exchange,
): AsyncGenerator<AttemptEvent, void, void> {
  const decoder = x.adapter.createDecoder(x.context);
  const frames = readFrames(response, { watchdog: x.watchdog, reader: createReader(x.adapter) });
  for await (const batch of frames) {
    if (batch.type !== "frames") return yield batch;
    const events = batch.frames.flatMap((frame) => decoder.decode(frame));
    const end = yield* passOn(events, x);
    if (end) return;
  }
  yield* finishStream(decoder, x);
}

function createReader(adapter: Adapter): FrameReader {
  const options = { maxFrameChars: MAX_FRAME_CHARS };
  return adapter.framing === "sse" ? createSseReader(options) : createNdjsonReader(options);
}

async function* finishStream(
  decoder: StreamDecoder,
  x: Exchange,
): AsyncGenerator<AttemptEvent, void, void> {
  const hasEnded = yield* passOn(decoder.end(), x);
  if (hasEnded) return;
  const message = "the stream ended before the answer's end";
  yield { type: "fault", fault: { kind: "truncated", status: null, message } };
}

/** Passes chunks on, several at once where they came at once; returns whether the stream is over. */
async function* passOn(
  events: ReturnType<StreamDecoder["decode"]>,
  x: Exchange,
): AsyncGenerator<AttemptEvent, boolean, void> {
  const chunks: ChatChunk[] = [];
  let end: AttemptEvent | null = null;
  for (const event of events) {
    if (event.type === "chunk") chunks.push(event.chunk);
    else end ??= event;
  }
  const hadFirstToken = x.trace.hasFirstToken;
  for (const chunk of chunks) x.trace.noteChunk(chunk);
  const { ttftMs } = x.trace;
  if (!hadFirstToken && ttftMs !== null) {
    x.pace.note(x.context.model, { ttftMs, inputTokens: x.inputTokens });
    const { idleTimeoutMs } = x.provider;
    x.watchdog.limitSilence(idleTimeoutMs, timeoutFault("further token", idleTimeoutMs));
  }
  if (end?.type === "done") {
    x.watchdog.complete();
    x.trace.noteEnd();
  }
  if (chunks.length > 0) yield { type: "chunks", chunks };
  if (end !== null) yield end;
  return end !== null;
}
