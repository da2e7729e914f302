/** Begins a streamed reply. */

import type { HttpReply } from "./http.ts";
import {
  headHeaders,
  REPLY_TO_NOBODY,
  replyFailure,
  replyStream,
  type ShownEvent,
} from "./reply.ts";

/** The events of one request. */
type Events = AsyncGenerator<ShownEvent, void, void>;

/**
 * The reply waits for the first event, so that a failure keeps its HTTP status; when that takes
 * longer than `keepAliveMs`, the stream begins without it and comments keep the connection alive.
 * `run` is told whether that is so.
 */
export async function startStream(
  run: (isHeadSent: () => boolean) => Events,
  keepAliveMs: number,
): Promise<HttpReply> {
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
