/** `GET /healthz` and `GET /readyz`. */

import type { ServerContext } from "./context.ts";
import type { HttpReply, HttpRequest } from "./http.ts";
import { replyJson, replyText } from "./reply.ts";

/** The process lives. */
export function handleHealth(): HttpReply {
  return replyText("ok\n");
}

/** Whether everything works; a ledger in trouble degrades, since requests are answered still. */
export function handleReady(_request: HttpRequest, context: ServerContext): HttpReply {
  const { isDegraded, droppedCount } = context.ledgerHealth();
  return replyJson({
    "status": isDegraded ? "degraded" : "ready",
    "ledger": { "degraded": isDegraded, "dropped_entries": droppedCount },
  });
}
