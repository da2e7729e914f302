/** The listening daemon. */

import type { ServerSettings } from "../config/config.ts";
import type { ServerContext } from "./context.ts";
import { handleRequest } from "./handler.ts";

/** A daemon that listens. */
export interface RunningServer {
  readonly hostname: string;
  readonly port: number;
  /** Takes no new connection, lets streams end for at most `drainTimeoutMs`, then ends them. */
  shutdown(drainTimeoutMs: number): Promise<void>;
}

/** A daemon, or why it can't listen: one sentence with the next step. */
export type ServeResult =
  | { readonly type: "listening"; readonly server: RunningServer }
  | { readonly type: "error"; readonly message: string };

/** Starts to listen. */
export function startServer(
  settings: Pick<ServerSettings, "hostname" | "port">,
  context: Omit<ServerContext, "closing">,
): ServeResult {
  const closing = new AbortController();
  const withClosing: ServerContext = { ...context, closing: closing.signal };
  const { hostname, port } = settings;
  try {
    const server = Deno.serve(
      { hostname, port, onListen: () => {} },
      (request) => handleRequest(request, withClosing),
    );
    const shutdown = (drainTimeoutMs: number) => drain(server, { closing, drainTimeoutMs });
    const { addr } = server;
    return { type: "listening", server: { hostname: addr.hostname, port: addr.port, shutdown } };
  } catch (error) {
    return { type: "error", message: describeListenError(error, settings) };
  }
}

async function drain(
  server: Deno.HttpServer,
  options: { readonly closing: AbortController; readonly drainTimeoutMs: number },
): Promise<void> {
  const timer = setTimeout(() => options.closing.abort(), options.drainTimeoutMs);
  await server.shutdown();
  clearTimeout(timer);
}

function describeListenError(
  error: unknown,
  { hostname, port }: Pick<ServerSettings, "hostname" | "port">,
): string {
  const address = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return `Cannot listen on ${address}: port ${port} is in use. ` +
      "Stop the other program (perhaps a second pirouter), or set another port as " +
      "bind in the [server] section of the config.";
  }
  const why = error instanceof Error ? error.message : String(error);
  return `Cannot listen on ${address}: ${why}. Check bind in the [server] section of the config.`;
}
