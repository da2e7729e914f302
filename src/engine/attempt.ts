/** One attempt: one candidate is asked once. */

import { type ChatRequest, isStreamed } from "../core/chat.ts";
import type { Candidate } from "../core/plan.ts";
import type { UpstreamRequest } from "../providers/adapter.ts";
import { type Reply, sendRequest } from "../providers/transport.ts";
import { type Broken, timeoutFault } from "../providers/watchdog.ts";
import type { Deadline } from "./deadline.ts";
import { type AttemptEvent, type Exchange, limitAnswer } from "./exchange.ts";
import { findFirstTokenLimitMs } from "./first_token.ts";
import { fitRequest } from "./fit.ts";
import { readError, readReply } from "./reply.ts";
import { withSlot } from "./slot_use.ts";
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
  /** Whether this request has asked the candidate before. */
  readonly isRepeated: boolean;
  /** When a whole answer must be there, for the client's sake; null: whenever it comes. */
  readonly deadline: Deadline | null;
}

/** The key of the config that says how long a first token may take. */
export const FIRST_TOKEN_KEY = "first_token_timeout_secs";

/** Asks one candidate. Everything that goes wrong is an event, nothing is thrown. */
export function runAttempt(
  input: AttemptInput,
  trace: AttemptTrace,
): AsyncGenerator<AttemptEvent, void, void> {
  const { candidate: { model }, snapshot, signal, deadline } = input;
  return withSlot({ model, snapshot, signal, deadline }, (use) => {
    const { requestId, created, request, inputTokens } = input;
    const { pace, vault } = snapshot;
    const { compat } = use.provider;
    const context = { requestId, created, request, model, compat, inputTokens };
    return exchange({ ...use, context, trace, pace, vault, inputTokens }, input);
  });
}

/** Sends the request; once more for each optional field that the model turns out to refuse. */
async function* exchange(
  x: Exchange,
  input: AttemptInput,
): AsyncGenerator<AttemptEvent, void, void> {
  const stream = isStreamed(input.request);
  const { model } = x.context;
  const refusedFields = x.link.refusals.fieldsOf(model.alias);
  await setLimit(x, { input, stream });
  using use = x.link.windows.use(model.modelId);
  const recall = x.vault.recaller(model, input.request.messages);
  for (;;) {
    const { request, dropped } = fitRequest(input.request, { model, refusedFields });
    const { provider, inputTokens } = x;
    const call = {
      request,
      model,
      provider,
      stream,
      inputTokens,
      refusedFields,
      recall,
      loadedWindow: use.window,
    };
    const encoded = x.adapter.encodeRequest(call);
    if (encoded.type === "refused") return yield { type: "fault", fault: encoded.fault };
    const unsaid = [...dropped, ...encoded.dropped];
    x.trace.noteDropped(unsaid);
    yield { type: "sent", dropped: unsaid };
    use.note(encoded);
    const reply = await send(encoded, { x, input });
    if (reply.type !== "reply") return yield reply;
    const { response } = reply;
    use.noteStatus(response.status);
    if (response.ok) return yield* readReply(response, { x: withWindow(x, encoded), stream });
    const event = await readError(response, x);
    if (event.type !== "fault") return yield event;
    const { refusedField: field, isValueRefused } = event.fault;
    if (field === undefined || !hasField(field, { request, encoded }) || refusedFields.has(field)) {
      return yield event;
    }
    refusedFields.add(field);
    // Another value of the field may be taken: the next request tries again.
    if (isValueRefused !== true) x.link.refusals.note(model.alias, field);
  }
}

/** The exchange, once it is known which window the model was asked for with. */
function withWindow(x: Exchange, { window }: Pick<EncodedRequest, "window">): Exchange {
  return window === undefined ? x : { ...x, context: { ...x.context, window } };
}

/** Whether there is something to leave out for a field that the model has refused. */
function hasField(
  field: string,
  { request, encoded }: { readonly request: ChatRequest; readonly encoded: EncodedRequest },
): boolean {
  return [request, encoded.body].some((source) =>
    Object.hasOwn(source, field) && source[field] !== undefined
  ) || (encoded.hidden?.includes(field) ?? false);
}

/** Pings are no token: until the first one, the limit of a stream is a fixed one. */
async function setLimit(
  x: Exchange,
  { input, stream }: { readonly input: AttemptInput; readonly stream: boolean },
): Promise<void> {
  if (!stream) return limitAnswer(x, input.deadline);
  const limitMs = await findFirstTokenLimitMs({ ...x, signal: x.watchdog.signal });
  x.watchdog.limit(limitMs, timeoutFault("first token", limitMs, FIRST_TOKEN_KEY));
}

type EncodedRequest = Extract<UpstreamRequest, { readonly type: "request" }>;

/** Sends a request; a fault says `isStale` where a connection of the pool was closed as it was used. */
export async function send(
  encoded: Pick<EncodedRequest, "url" | "headers" | "body">,
  { x, input }: {
    readonly x: Pick<Exchange, "link" | "provider" | "watchdog" | "trace">;
    readonly input: Pick<AttemptInput, "isRepeated">;
  },
): Promise<Reply> {
  const { link, provider, watchdog, trace } = x;
  const wire = { url: encoded.url, headers: encoded.headers, body: JSON.stringify(encoded.body) };
  trace.noteSent();
  const sentAt = performance.now();
  const reply = await sendRequest(wire, {
    client: link.client,
    watchdog,
    // Where replies have come lately the host is up, and the pool may have a connection to it.
    connectMs: link.traffic.isRecent ? null : provider.connectTimeoutMs,
  });
  if (reply.type === "reply") {
    link.traffic.noteReply();
    trace.noteStatus(reply.response.status);
    return reply;
  }
  return judgeConnection(reply, { link, isRepeated: input.isRepeated, sentAt });
}

/** Only a connection of the pool can have been closed before it was used, and only one of them. */
function judgeConnection(
  broken: Broken,
  sent: { readonly link: ProviderLink; readonly isRepeated: boolean; readonly sentAt: number },
): Broken {
  if (broken.type !== "fault" || broken.fault.isStale !== true) return broken;
  const { traffic } = sent.link;
  const isStale = !sent.isRepeated && traffic.mayBeStale(sent.sentAt);
  traffic.noteBreak();
  return { type: "fault", fault: { ...broken.fault, isStale } };
}
