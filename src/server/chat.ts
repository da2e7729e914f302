/** `POST /v1/chat/completions`. */

import { type ChatAnswer, type ChatRequest, isStreamed } from "../core/chat.ts";
import { keepAliveMsFor, readClientLimit } from "../core/client_limit.ts";
import { ROUTER_ERRORS, type RouterError } from "../core/errors.ts";
import { extractFeatures, type Features, type HeaderMap } from "../core/features.ts";
import type { JsonObject } from "../core/json.ts";
import { parseChatRequest } from "../core/request.ts";
import { decideRoute, type RouteRefusal } from "../core/route.ts";
import type { RunInput } from "../engine/input.ts";
import { createRefusedEntry } from "../engine/journal.ts";
import type { RunHead } from "../engine/presenter.ts";
import { runRoute } from "../engine/run.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import { readJsonBody } from "./body.ts";
import type { ServerContext } from "./context.ts";
import type { HttpReply, HttpRequest } from "./http.ts";
import { errorOfRefusal } from "./refusal.ts";
import { headHeaders, REPLY_TO_NOBODY, replyError, replyFailure, replyJson } from "./reply.ts";
import { startStream } from "./stream.ts";

/** Routes a chat request and answers it, streamed or whole. */
export async function handleChat(request: HttpRequest, context: ServerContext): Promise<HttpReply> {
  const clock = { ts: Date.now(), startedAt: performance.now() };
  const requestId = request.id;
  const snapshot = context.snapshot();
  const body = await readJsonBody(request, snapshot.config.server);
  if (body.type === "error") return replyError(body.error);
  const parsed = parseChatRequest(body.value);
  if (!parsed.ok) {
    const [issue = { path: "", message: "is invalid" }] = parsed.issues;
    return replyError(ROUTER_ERRORS.invalidRequest(issue));
  }
  const { ledger, closing } = context;
  const prepared = prepareRun(parsed.value, { snapshot, headers: request.headers });
  if (prepared.type === "refused") {
    const { error, ...refused } = prepared;
    const httpStatus = error.status;
    ledger.record(createRefusedEntry({ ...refused, requestId, snapshot, clock, httpStatus }));
    return replyError(error);
  }
  const { signal } = request;
  const clientLimit = readClientLimit(request.headers);
  const serving = { requestId, snapshot, signal, closing, ledger, clientLimit, clock };
  const input = { ...prepared.route, ...serving };
  if (!isStreamed(input.request)) return await answer(input);
  const keepAliveMs = keepAliveMsFor(clientLimit, snapshot.config.server.keepAliveMs);
  return await startStream((isHeadSent) => runRoute({ ...input, isHeadSent }), keepAliveMs);
}

type RoutedRequest = Omit<RunInput, "isHeadSent">;

type Prepared =
  | { readonly type: "route"; readonly route: Pick<RoutedRequest, "request" | "features" | "plan"> }
  | {
    readonly type: "refused";
    readonly request: ChatRequest;
    readonly features: Features;
    readonly refusal: RouteRefusal;
    readonly error: RouterError;
  };

function prepareRun(
  request: ChatRequest,
  options: { readonly snapshot: Snapshot; readonly headers: HeaderMap },
): Prepared {
  const { config } = options.snapshot;
  const features = extractFeatures(request, options.headers);
  const decision = decideRoute(features, options.snapshot.routes);
  if (decision.type === "plan") {
    return { type: "route", route: { request, features, plan: decision.plan } };
  }
  const { refusal } = decision;
  const error = errorOfRefusal(refusal, { catalog: config.catalog, features });
  return { type: "refused", request, features, refusal, error };
}

async function answer(input: RoutedRequest): Promise<HttpReply> {
  let head: RunHead | null = null;
  let reply: HttpReply | null = null;
  for await (const event of runRoute({ ...input, isHeadSent: () => false })) {
    if (event.type === "head") head = event.head;
    if (event.type === "error") reply = replyFailure(event);
    if (event.type === "answer" && head !== null) {
      const headers = headHeaders(head);
      reply = replyJson(addOwnFields(event.answer, { input, head }), { headers });
    }
  }
  return reply ?? REPLY_TO_NOBODY;
}

function addOwnFields(
  answer: ChatAnswer,
  of: { readonly input: RoutedRequest; readonly head: RunHead },
): JsonObject {
  const { ruleName, attemptCount } = of.head;
  return {
    ...answer,
    "pirouter": {
      "request_id": of.input.requestId,
      "rule": ruleName,
      "attempts": attemptCount,
    },
  };
}
