/** `GET /healthz` and `GET /readyz`. */

import type { ServerContext } from "./context.ts";
import type { HttpReply, HttpRequest } from "./http.ts";
import { replyJson, replyText } from "./reply.ts";

/** The process lives. */
export function handleHealth(): HttpReply {
  return replyText("ok\n");
}

/**
 * Whether everything works, and who cools down; a ledger in trouble degrades, since requests are
 * answered still.
 */
export function handleReady(_request: HttpRequest, context: ServerContext): HttpReply {
  const { isDegraded, droppedCount } = context.ledgerHealth();
  const cooling = context.snapshot().health.list();
  return replyJson({
    "status": isDegraded ? "degraded" : "ready",
    "ledger": { "degraded": isDegraded, "dropped_entries": droppedCount },
    "cooling": cooling.map(({ scope, name, cooldown }) => ({
      "scope": scope,
      "name": name,
      "remaining_ms": Math.ceil(cooldown.remainingMs),
      "reason": cooldown.reason,
    })),
  });
}
