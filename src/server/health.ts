/** `GET /healthz` and `GET /readyz`. */

import type { ServerContext } from "./context.ts";
import { respondJson, respondText } from "./respond.ts";

/** The process lives. */
export function handleHealth(): Response {
  return respondText("ok\n");
}

/** Whether everything works; a ledger in trouble degrades, since requests are answered still. */
export function handleReady(_request: Request, context: ServerContext): Response {
  const { isDegraded, droppedCount } = context.ledgerHealth();
  return respondJson({
    "status": isDegraded ? "degraded" : "ready",
    "ledger": { "degraded": isDegraded, "dropped_entries": droppedCount },
  });
}
