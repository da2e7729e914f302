/** Replies with the events of one request: as they come, or with the whole answer. */

import { type ClientLimit, keepAliveMsFor } from "../core/client_limit.ts";
import type { JsonObject } from "../core/json.ts";
import type { RunHead } from "../engine/presenter.ts";
import type { HttpReply } from "./http.ts";
import {
  headHeaders,
  REPLY_TO_NOBODY,
  replyFailure,
  replyJson,
  replyStream,
  type ShownEvent,
} from "./reply.ts";

/** The events of one request. */
type Events = AsyncGenerator<ShownEvent, void, void>;

/** Runs a request; it asks whether its client has been given a head without an event for it. */
export type Run = (isHeadSent: () => boolean) => Events;

/** How the client of a request is served. */
export interface Serving {
  readonly isStreamed: boolean;
  /** How long the client waits for its response; null when it doesn't say. */
  readonly clientLimit: ClientLimit | null;
  /** Milliseconds of silence after which a comment is sent, for clients that wait long enough. */
  readonly keepAliveMs: number;
  /** The answer as the client gets it; by default as it is. */
  readonly finish?: (answer: JsonObject, head: RunHead) => JsonObject;
}

/** Runs the request and replies with what comes of it. */
export async function replyRun(run: Run, serving: Serving): Promise<HttpReply> {
  if (!serving.isStreamed) return await replyWhole(run(() => false), serving);
  return await startStream(run, keepAliveMsFor(serving.clientLimit, serving.keepAliveMs));
}

async function replyWhole(events: Events, { finish }: Serving): Promise<HttpReply> {
  let head: RunHead | null = null;
  let reply: HttpReply | null = null;
  for await (const event of events) {
    if (event.type === "head") head = event.head;
    if (event.type === "error") reply = replyFailure(event);
    if (event.type === "answer" && head !== null) {
      const answer = finish?.(event.answer, head) ?? event.answer;
      reply = replyJson(answer, { headers: headHeaders(head) });
    }
  }
  return reply ?? REPLY_TO_NOBODY;
}

/**
 * The reply waits for the first event, so that a failure keeps its HTTP status; when that takes
 * longer than `keepAliveMs`, the stream begins without it and comments keep the connection alive.
 */
async function startStream(run: Run, keepAliveMs: number): Promise<HttpReply> {
  let isHeadSent = false;
  const events = run(() => isHeadSent);
  const first = events.next();
  const early = await firstWithin(first, keepAliveMs);
  const source = { events, first, keepAliveMs };
  isHeadSent = early === null;
  if (early === null) return replyStream({ ...source, headers: {} });
  if (early.done) return REPLY_TO_NOBODY;
  if (early.value.type === "head") {
    return replyStream({ ...source, headers: headHeaders(early.value.head) });
  }
  await events.return();
  if (early.value.type === "error") return replyFailure(early.value);
  throw new Error(`the first event of a stream was ${early.value.type}`);
}

async function firstWithin(
  first: Promise<IteratorResult<ShownEvent, void>>,
  limitMs: number,
): Promise<IteratorResult<ShownEvent, void> | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  try {
    return await Promise.race([first, late]);
  } finally {
    clearTimeout(timer);
  }
}
