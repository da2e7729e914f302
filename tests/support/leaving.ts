/** Clients that leave, and the points at which they do. */

import type { Exchange } from "./upstream.ts";
import { STREAM_TYPES, streamEvents } from "./upstream_wire.ts";
import type { TestDaemon } from "./daemon.ts";

/** Sends the head of an answer in the exchange's dialect. */
export async function sendAnswerHead(exchange: Exchange, stream: boolean): Promise<void> {
  const type = stream ? STREAM_TYPES[exchange.kind] : "application/json";
  await exchange.sendHead(200, { "content-type": type });
}

/** Sends a stream's head and its events up to that with this text. */
export async function sendUpTo(exchange: Exchange, text: string): Promise<void> {
  await sendAnswerHead(exchange, true);
  const events = streamEvents(exchange.kind, { text: [text, "never sent"] });
  const end = events.findIndex((event) => event.includes("never sent"));
  for (const event of events.slice(0, end)) await exchange.sendChunk(event);
}

/** A round trip through the daemon: whatever reached it before has been handled. */
export async function turnLoop(daemon: TestDaemon): Promise<void> {
  await (await daemon.fetch("/healthz")).text();
}
