/** From a request to its handler: the path table, behind the guard. */

import { ROUTER_ERRORS } from "../core/errors.ts";
import { handleChat } from "./chat.ts";
import type { ServerContext } from "./context.ts";
import { corsHeaders, isPreflight, replyPreflight } from "./cors.ts";
import { refuseForeign } from "./guard.ts";
import { handleHealth, handleReady } from "./health.ts";
import type { HttpReply, HttpRequest } from "./http.ts";
import { handleModel, handleModels } from "./models.ts";
import { handleCompletions, handleEmbeddings } from "./passage.ts";
import { idHeaders, replyError } from "./reply.ts";

type Handler = (
  request: HttpRequest,
  context: ServerContext,
) => HttpReply | Promise<HttpReply>;

/** THE TABLE of paths: path -> method -> handler. */
const PATHS: ReadonlyMap<string, ReadonlyMap<string, Handler>> = new Map([
  ["/v1/chat/completions", new Map<string, Handler>([["POST", handleChat]])],
  ["/v1/embeddings", new Map<string, Handler>([["POST", handleEmbeddings]])],
  ["/v1/completions", new Map<string, Handler>([["POST", handleCompletions]])],
  ["/v1/models", new Map<string, Handler>([["GET", handleModels]])],
  ["/healthz", new Map<string, Handler>([["GET", handleHealth]])],
  ["/readyz", new Map<string, Handler>([["GET", handleReady]])],
]);

/** The endpoints as a client is told of them: those of OpenAI's API. */
const ENDPOINTS: readonly string[] = [...PATHS].filter(([path]) => path.startsWith("/v1/"))
  .flatMap(([path, methods]) => [...methods.keys()].map((method) => `${method} ${path}`));

/** Below this path every name is a model's. */
const MODEL_PATH = "/v1/models/";
const MODEL_METHODS: ReadonlyMap<string, Handler> = new Map([["GET", handleModel]]);

/** Handles one request. A defect becomes one plain 500, and its stack a line of the log. */
export async function handleRequest(
  request: HttpRequest,
  context: ServerContext,
): Promise<HttpReply> {
  const { server } = context.snapshot().config;
  const refusal = refuseForeign(request, server);
  const reply = refusal === null ? await dispatch(request, context) : replyError(refusal);
  const headers = { ...idHeaders(request.id), ...reply.headers, ...corsHeaders(request, server) };
  return { ...reply, headers };
}

async function dispatch(request: HttpRequest, context: ServerContext): Promise<HttpReply> {
  const { path, method, id } = request;
  // Whatever the path: a page can't read the error of a request that its browser doesn't send.
  if (isPreflight(request)) return replyPreflight(request);
  const methods = path.startsWith(MODEL_PATH) ? MODEL_METHODS : PATHS.get(path);
  if (methods === undefined) return replyError(ROUTER_ERRORS.notFound(path, ENDPOINTS));
  const handler = methods.get(method === "HEAD" ? "GET" : method);
  if (handler === undefined) {
    return replyError(ROUTER_ERRORS.methodNotAllowed(path, [...methods.keys()]));
  }
  try {
    return await handler(request, context);
  } catch (error) {
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    context.log.error("a request failed unexpectedly", { id, stack });
    return replyError(ROUTER_ERRORS.internal(id));
  }
}
