/** Clients that leave, and the points at which they do. */

import type { TestDaemon } from "./daemon.ts";
import { within } from "./deadline.ts";
import { assertQuick } from "./time_limit.ts";
import type { Exchange } from "./upstream.ts";
import { STREAM_TYPES, streamEvents } from "./upstream_wire.ts";

/** Sends the head of an answer in the exchange's dialect. */
export async function sendAnswerHead(exchange: Exchange, stream: boolean): Promise<void> {
  const type = stream ? STREAM_TYPES[exchange.kind] : "application/json";
  await exchange.sendHead(200, { "content-type": type });
}

/** Sends a stream's head and what comes before text: of Ollama nothing, whose first line has text. */
export async function sendStart(exchange: Exchange): Promise<void> {
  await exchange.sendStreamHead();
  const [start = ""] = streamEvents(exchange.kind, { text: ["never sent"] });
  if (exchange.kind !== "ollama") await exchange.sendChunk(start);
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

/** Milliseconds from this departure to the moment at which the upstream sees it. */
export async function timeDeparture(exchange: Exchange, leave: () => void): Promise<number> {
  const leftAt = performance.now();
  leave();
  return await within(exchange.clientLeft, "the end of the upstream's connection") - leftAt;
}

/** Milliseconds after which the upstream must have seen that the client left. */
const SEEN_LIMIT_MS = 100;

/** Fails unless the upstream sees a departure within 100 ms; the measurement may be repeated once. */
export async function assertSeenSoon(measureMs: () => Promise<number>): Promise<void> {
  const what = "the end of the upstream's connection";
  await assertQuick({ what, limitMs: SEEN_LIMIT_MS }, measureMs);
}
