/** Sends an `HttpReply` through a response of `node:http`. */

import type { ServerResponse } from "node:http";
import type { HttpReply, ReplyStream } from "./http.ts";

/** Sends the reply to its end, or until the client leaves. Waits for a slow reader. */
export async function sendReply(response: ServerResponse, reply: HttpReply): Promise<void> {
  if (response.destroyed) return await dropBody(reply);
  // What is left of a body that was not read must not be taken for the next request.
  const isWhole = response.req.complete;
  const headers = isWhole ? reply.headers : { ...reply.headers, "connection": "close" };
  if (typeof reply.body === "string") {
    const bytes = ENCODER.encode(reply.body);
    const length = reply.status === 204 ? {} : { "content-length": String(bytes.length) };
    response.writeHead(reply.status, { ...headers, ...length });
    response.end(bytes);
    return;
  }
  response.writeHead(reply.status, headers);
  response.flushHeaders();
  await sendStream(response, reply.body);
}

/** A stream that nobody reads is ended, so that its run is. */
async function dropBody({ body }: HttpReply): Promise<void> {
  if (typeof body !== "string") await body.cancel();
}

const ENCODER = new TextEncoder();

async function sendStream(response: ServerResponse, stream: ReplyStream): Promise<void> {
  const { afterMs, bytes: comment } = stream.keepAlive;
  let sentAt = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - sentAt < afterMs || response.destroyed) return;
    response.write(comment);
    sentAt = performance.now();
  }, afterMs / 4);
  try {
    for await (const bytes of stream.chunks) {
      if (response.destroyed) return;
      sentAt = performance.now();
      if (!response.write(bytes)) await waitForDrain(response);
    }
    response.end();
  } finally {
    clearInterval(timer);
  }
}

/**
 * Milliseconds that a client may stop reading. It holds its provider's slot all that time; a client
 * that comes back later finds its connection closed.
 */
const STALLED_READER_MS = 600_000;

/** Resolves when the client has read enough, or has left. One that reads no more is let go. */
function waitForDrain(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), STALLED_READER_MS);
    const settle = () => {
      clearTimeout(timer);
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.on("drain", settle).on("close", settle);
    if (response.destroyed) settle();
  });
}
