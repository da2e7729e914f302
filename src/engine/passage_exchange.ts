/** The exchange of a request that is passed on: one upstream is asked, its answer read as it comes. */

import type { Model } from "../core/catalog.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import { type PassageRequest, PASSAGES } from "../core/passage.ts";
import {
  ChoiceEnds,
  isPassageAnswer,
  readPassageAnswer,
  readPassageChunk,
} from "../core/passage_answer.ts";
import {
  decodePassageError,
  type EncodedPassage,
  encodePassage,
} from "../providers/passage_request.ts";
import { MAX_ANSWER_BYTES, readFrames, readText, type Reply } from "../providers/transport.ts";
import { timeoutFault } from "../providers/watchdog.ts";
import { parseJson } from "../wire/json.ts";
import { createSseReader, SSE_DONE } from "../wire/sse.ts";
import { FIRST_TOKEN_KEY, send } from "./attempt.ts";
import type { Deadline } from "./deadline.ts";
import { limitAnswer } from "./exchange.ts";
import {
  IDLE_KEY,
  isJson,
  isPage,
  MAX_ANSWER_DEPTH,
  MAX_FRAME_CHARS,
  readError,
  refusePage,
} from "./reply.ts";
import type { SlotUse } from "./slot_use.ts";
import type { AttemptTrace } from "./trace.ts";

/** One exchange with an upstream. */
export interface PassageExchange extends SlotUse {
  readonly request: PassageRequest;
  readonly model: Model;
  /** Whether it is one of the catalog: of others nothing is remembered. */
  readonly isListed: boolean;
  readonly trace: AttemptTrace;
  /** When a whole answer must be there, for the client's sake; null: whenever it comes. */
  readonly deadline: Deadline | null;
}

/** What an exchange tells. After `answer`, `done`, `fault` or `cancelled` nothing follows. */
export type PassageStep =
  | { readonly type: "sent"; readonly dropped: readonly string[] }
  | { readonly type: "chunks"; readonly chunks: readonly JsonObject[] }
  | { readonly type: "answer"; readonly answer: JsonObject }
  | { readonly type: "done" }
  | { readonly type: "fault"; readonly fault: UpstreamFault }
  | { readonly type: "cancelled" };

type Steps = AsyncGenerator<PassageStep, void, void>;

/** Asks the upstream; once more after a connection that was just closed, or without a field that it refuses. */
export async function* exchangePassage(x: PassageExchange): Steps {
  const { request, model, provider, link } = x;
  const refusedFields = link.refusals.fieldsOf(model.alias);
  const { optionalFields } = PASSAGES[request.endpoint];
  setLimit(x);
  for (;;) {
    const encoded = encodePassage({ request, model, provider, refusedFields });
    x.trace.noteDropped(encoded.dropped);
    yield { type: "sent", dropped: encoded.dropped };
    const reply = await sendTwice(encoded, x);
    if (reply.type !== "reply") return yield reply;
    const { response } = reply;
    if (response.ok) return yield* readReply(response, x);
    const broken = await readError(response, x);
    if (broken.type !== "fault") return yield broken;
    const { refusedField: field, isValueRefused } = broken.fault;
    const canGo = field !== undefined && optionalFields.has(field) &&
      Object.hasOwn(encoded.body, field);
    if (!canGo) return yield { type: "fault", fault: explainNotFound(broken.fault, x) };
    refusedFields.add(field);
    if (x.isListed && isValueRefused !== true) link.refusals.note(model.alias, field);
  }
}

/** A stream may be silent for a while at first, and shorter then; a whole answer has one limit. */
function setLimit({ request, provider, watchdog, deadline }: PassageExchange): void {
  if (!request.isStreamed) return limitAnswer({ provider, watchdog }, deadline);
  const { firstTokenTimeoutMs } = provider;
  const fault = timeoutFault("first token", firstTokenTimeoutMs, FIRST_TOKEN_KEY);
  watchdog.limit(firstTokenTimeoutMs, fault);
}

async function sendTwice(encoded: EncodedPassage, x: PassageExchange): Promise<Reply> {
  const reply = await send(encoded, { x, input: { isRepeated: false } });
  const isStale = reply.type === "fault" && reply.fault.isStale === true;
  return isStale ? await send(encoded, { x, input: { isRepeated: true } }) : reply;
}

/** A 404 that says nothing may mean the path as well as the model. */
function explainNotFound(fault: UpstreamFault, { request }: PassageExchange): UpstreamFault {
  const isMute = fault.kind === "not_found" && !fault.type && !fault.code;
  if (!isMute) return fault;
  return { ...fault, message: `${fault.message}; has it an endpoint /${request.endpoint}?` };
}

async function* readReply(response: Response, x: PassageExchange): Steps {
  if (isPage(response)) return yield await refusePage(response);
  if (x.request.isStreamed && !isJson(response)) return yield* readStream(response, x);
  yield* readAnswer(response, x);
}

async function* readAnswer(response: Response, x: PassageExchange): Steps {
  const { request, trace, watchdog } = x;
  const read = await readText(response, { watchdog, maxBytes: MAX_ANSWER_BYTES });
  if (read.type !== "text") return yield read;
  const json = parseJson(read.text, { maxDepth: MAX_ANSWER_DEPTH });
  const answer = json.ok && isJsonObject(json.value) ? json.value : null;
  if (answer === null) return yield malformed("answered with a body that is no JSON object");
  if (!isPassageAnswer(answer, request)) return yield explainBody(answer, request);
  watchdog.complete();
  trace.noteAnswer(readPassageAnswer(answer));
  if (!request.isStreamed) return yield { type: "answer", answer };
  yield { type: "chunks", chunks: [answer] }; // its choices have the form of a stream's
  yield { type: "done" };
}

function explainBody(body: JsonObject, { endpoint }: PassageRequest): PassageStep {
  const error = body["error"] ?? null;
  if (error === null) return malformed(`answered with a body that is no answer of /${endpoint}`);
  return { type: "fault", fault: decodePassageError(body) };
}

function malformed(message: string): PassageStep {
  return { type: "fault", fault: { kind: "malformed", status: null, message } };
}

async function* readStream(response: Response, x: PassageExchange): Steps {
  const { watchdog, trace } = x;
  const reader = createSseReader({ maxFrameChars: MAX_FRAME_CHARS });
  const ends = new ChoiceEnds();
  for await (const batch of readFrames(response, { watchdog, reader })) {
    if (batch.type !== "frames") return yield batch;
    const { chunks, end } = readFrameData(batch.frames.map(({ data }) => data), x.request);
    noteChunks(chunks, { x, ends });
    if (end?.type === "done") watchdog.complete();
    if (chunks.length > 0) yield { type: "chunks", chunks };
    if (end?.type === "done") break;
    if (end !== null) return yield end;
  }
  // The standard's end marker is [DONE]; a server that closes after every choice's end means the same.
  if (ends.isWhole || watchdog.isComplete && ends.hasBegun) {
    trace.noteEnd();
    return yield { type: "done" };
  }
  const kind = watchdog.isComplete ? "empty" : "truncated";
  const message = "the stream ended before the answer's end";
  yield { type: "fault", fault: { kind, status: null, message } };
}

interface FrameData {
  readonly chunks: readonly JsonObject[];
  /** What follows the chunks; null when the stream goes on. */
  readonly end: PassageStep | null;
}

function readFrameData(texts: readonly string[], request: PassageRequest): FrameData {
  const chunks: JsonObject[] = [];
  for (const text of texts) {
    if (text.trim() === SSE_DONE) return { chunks, end: { type: "done" } };
    const json = parseJson(text, { maxDepth: MAX_ANSWER_DEPTH });
    if (!json.ok || !isJsonObject(json.value)) {
      return { chunks, end: malformed("sent an event that is no JSON object") };
    }
    if (!isPassageAnswer(json.value, request)) {
      return { chunks, end: explainBody(json.value, request) };
    }
    chunks.push(json.value);
  }
  return { chunks, end: null };
}

function noteChunks(
  chunks: readonly JsonObject[],
  of: { readonly x: PassageExchange; readonly ends: ChoiceEnds },
): void {
  const { x: { trace, watchdog, provider }, ends } = of;
  const hadFirstToken = trace.hasFirstToken;
  for (const chunk of chunks) {
    trace.noteChunk(readPassageChunk(chunk));
    ends.note(chunk);
  }
  if (hadFirstToken || !trace.hasFirstToken) return;
  const { idleTimeoutMs } = provider;
  watchdog.limitSilence(idleTimeoutMs, timeoutFault("further token", idleTimeoutMs, IDLE_KEY));
}
