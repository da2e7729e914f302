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
import type { RunEvent, RunHead } from "../engine/presenter.ts";
import { runRoute } from "../engine/run.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import { readJsonBody } from "./body.ts";
import type { ServerContext } from "./context.ts";
import type { HttpReply, HttpRequest } from "./http.ts";
import { errorOfRefusal } from "./refusal.ts";
import {
  headHeaders,
  REPLY_TO_NOBODY,
  replyError,
  replyFailure,
  replyJson,
  replyStream,
} from "./reply.ts";

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
  return isStreamed(input.request) ? await stream(input) : await answer(input);
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

/**
 * The reply waits for the first event, so that a failure keeps its HTTP status; when that takes
 * long, the stream begins without it and comments keep the connection alive.
 */
async function stream(input: RoutedRequest): Promise<HttpReply> {
  const configuredMs = input.snapshot.config.server.keepAliveMs;
  const keepAliveMs = keepAliveMsFor(input.clientLimit, configuredMs);
  let isHeadSent = false;
  const events = runRoute({ ...input, isHeadSent: () => isHeadSent });
  const first = events.next();
  const early = await firstWithin(first, keepAliveMs);
  const source = { events, first, keepAliveMs };
  isHeadSent = early === null;
  if (early === null) return replyStream({ ...source, headers: {} });
  if (early.done) return REPLY_TO_NOBODY;
  if (early.value.type === "head") {
    return replyStream({ ...source, headers: headHeaders(early.value.head) });
  }
  await events.return();
  if (early.value.type === "error") return replyFailure(early.value);
  throw new Error(`the first event of a stream was ${early.value.type}`);
}

async function firstWithin(
  first: Promise<IteratorResult<RunEvent, void>>,
  limitMs: number,
): Promise<IteratorResult<RunEvent, void> | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  try {
    return await Promise.race([first, late]);
  } finally {
    clearTimeout(timer);
  }
}
