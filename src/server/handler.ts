/** From a request to its handler: the path table, behind the guard. */

import { ROUTER_ERRORS } from "../core/errors.ts";
import { handleChat } from "./chat.ts";
import type { ServerContext } from "./context.ts";
import { corsHeaders, refuseForeign, respondPreflight } from "./guard.ts";
import { handleHealth, handleReady } from "./health.ts";
import { handleModel, handleModels } from "./models.ts";
import { respondError } from "./respond.ts";

type Handler = (request: Request, context: ServerContext) => Response | Promise<Response>;

/** THE TABLE of paths: path -> method -> handler. */
const PATHS: ReadonlyMap<string, ReadonlyMap<string, Handler>> = new Map([
  ["/v1/chat/completions", new Map<string, Handler>([["POST", handleChat]])],
  ["/v1/models", new Map<string, Handler>([["GET", handleModels]])],
  ["/healthz", new Map<string, Handler>([["GET", handleHealth]])],
  ["/readyz", new Map<string, Handler>([["GET", handleReady]])],
]);

/** Below this path every name is a model's. */
const MODEL_PATH = "/v1/models/";
const MODEL_METHODS: ReadonlyMap<string, Handler> = new Map([["GET", handleModel]]);

/** Handles one request. A defect becomes one plain 500, and its stack a line of the log. */
export async function handleRequest(request: Request, context: ServerContext): Promise<Response> {
  const { server } = context.snapshot().config;
  const refusal = refuseForeign(request, server);
  if (refusal !== null) {
    await request.body?.cancel();
    return respondError(refusal);
  }
  const response = await dispatch(request, context);
  for (const [name, value] of Object.entries(corsHeaders(request, server))) {
    response.headers.set(name, value);
  }
  return response;
}

async function dispatch(request: Request, context: ServerContext): Promise<Response> {
  const { pathname } = new URL(request.url);
  const methods = pathname.startsWith(MODEL_PATH) ? MODEL_METHODS : PATHS.get(pathname);
  const handler = methods?.get(request.method);
  if (handler === undefined) {
    await request.body?.cancel();
    if (methods === undefined) return respondError(ROUTER_ERRORS.notFound(pathname));
    if (request.method === "OPTIONS") return respondPreflight(request);
    return respondError(ROUTER_ERRORS.methodNotAllowed(pathname, [...methods.keys()]));
  }
  try {
    return await handler(request, context);
  } catch (error) {
    const requestId = crypto.randomUUID();
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    context.log.error("a request failed unexpectedly", { requestId, stack });
    return respondError(ROUTER_ERRORS.internal(requestId));
  }
}
