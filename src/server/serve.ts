/**
 * The listening daemon. It listens by `node:http`: `Deno.serve` (2.9.6) does not tell that a client
 * left while its reply is awaited, once the request's body took more than one read.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ServerSettings } from "../config/config.ts";
import type { ServerContext } from "./context.ts";
import { handleRequest } from "./handler.ts";
import { createHttpRequest } from "./incoming.ts";
import { sendReply } from "./outgoing.ts";

/** A daemon that listens. */
export interface RunningServer {
  readonly hostname: string;
  readonly port: number;
  /** Takes no new request, lets those in flight end for as long as the limits allow, then ends them. */
  shutdown(limits: DrainLimits): Promise<void>;
}

/** How long requests in flight may still take. */
export interface DrainLimits {
  readonly drainTimeoutMs: number;
  /** Aborts when they may take no longer. */
  readonly hurry: AbortSignal;
}

/** A daemon, or why it can't listen: one sentence with the next step. */
export type ServeResult =
  | { readonly type: "listening"; readonly server: RunningServer }
  | { readonly type: "error"; readonly message: string };

/** Milliseconds that a client may take to send the head of its request. */
const HEAD_TIMEOUT_MS = 30_000;

/** Milliseconds that an idle connection stays open: longer than the pools of common clients. */
const KEEP_ALIVE_MS = 75_000;

/** Starts to listen. */
export function startServer(
  settings: Pick<ServerSettings, "hostname" | "port">,
  context: Omit<ServerContext, "closing">,
): Promise<ServeResult> {
  const closing = new AbortController();
  const withClosing: ServerContext = { ...context, closing: closing.signal };
  const flights = new Set<Promise<void>>();
  const server = createServer((message, response) => {
    const flight = answer(message, response, withClosing).finally(() => flights.delete(flight));
    flights.add(flight);
  });
  server.headersTimeout = HEAD_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const { hostname, port } = settings;
  const shutdown = (limits: DrainLimits) => drain(server, { closing, flights, ...limits });
  return new Promise((resolve) => {
    server.once("error", (error) => {
      resolve({ type: "error", message: describeListenError(error, settings) });
    });
    server.listen(port, hostname, () => {
      const address = server.address();
      const boundPort = typeof address === "object" && address !== null ? address.port : port;
      resolve({ type: "listening", server: { hostname, port: boundPort, shutdown } });
    });
  });
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  context: ServerContext,
): Promise<void> {
  const left = new AbortController();
  const sent = new Promise<void>((resolve) => {
    response.on("finish", resolve);
    response.on("close", () => {
      if (!response.writableFinished) left.abort();
      resolve();
    });
  });
  try {
    const reply = await handleRequest(createHttpRequest(message, left.signal), context);
    await sendReply(response, reply);
    await sent;
  } catch (error) {
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    context.log.error("a reply failed unexpectedly", { stack });
    response.destroy();
  }
}

/** Milliseconds that requests get to note their end after the drain's deadline. */
const ABORT_GRACE_MS = 1_000;

async function drain(
  server: Server,
  options: DrainLimits & {
    readonly closing: AbortController;
    readonly flights: ReadonlySet<Promise<void>>;
  },
): Promise<void> {
  const { flights, closing, drainTimeoutMs, hurry } = options;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await settleWithin(flights, { limitMs: drainTimeoutMs, hurry });
  closing.abort();
  await settleWithin(flights, { limitMs: ABORT_GRACE_MS });
  server.closeAllConnections();
  await closed;
}

/** Resolves when all requests have ended, the limit has passed, or `hurry` aborts. */
function settleWithin(
  flights: ReadonlySet<Promise<void>>,
  options: { readonly limitMs: number; readonly hurry?: AbortSignal },
): Promise<void> {
  const { limitMs, hurry } = options;
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      hurry?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, limitMs);
    hurry?.addEventListener("abort", done, { once: true });
    void Promise.allSettled(flights).then(done);
    if (hurry?.aborted) done();
  });
}

function describeListenError(
  error: Error,
  { hostname, port }: Pick<ServerSettings, "hostname" | "port">,
): string {
  const address = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  if ("code" in error && error.code === "EADDRINUSE") {
    return `Cannot listen on ${address}: port ${port} is in use. ` +
      "Stop the other program (perhaps a second pirouter), or set another port as " +
      "bind in the [server] section of the config.";
  }
  return `Cannot listen on ${address}: ${error.message}. ` +
    "Check bind in the [server] section of the config.";
}
