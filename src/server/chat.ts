/** `POST /v1/chat/completions`. */

import { type ChatAnswer, type ChatRequest, isStreamed } from "../core/chat.ts";
import { ROUTER_ERRORS } from "../core/errors.ts";
import { extractFeatures, type HeaderMap } from "../core/features.ts";
import type { JsonObject } from "../core/json.ts";
import { parseChatRequest } from "../core/request.ts";
import { decideRoute } from "../core/route.ts";
import type { RunInput } from "../engine/input.ts";
import type { RunEvent, RunHead } from "../engine/presenter.ts";
import { runRoute } from "../engine/run.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import { readJsonBody } from "./body.ts";
import type { ServerContext } from "./context.ts";
import { errorOfRefusal } from "./refusal.ts";
import { headHeaders, idHeaders, respondError, respondJson, respondStream } from "./respond.ts";

/** Routes a chat request and answers it, streamed or whole. */
export async function handleChat(request: Request, context: ServerContext): Promise<Response> {
  const clock = { ts: Date.now(), startedAt: performance.now() };
  const requestId = crypto.randomUUID();
  const snapshot = context.snapshot();
  const body = await readJsonBody(request, snapshot.config.server);
  if (body.type === "error") return respondError(body.error, idHeaders(requestId));
  const parsed = parseChatRequest(body.value);
  if (!parsed.ok) {
    const [issue = { path: "", message: "is invalid" }] = parsed.issues;
    return respondError(ROUTER_ERRORS.invalidRequest(issue), idHeaders(requestId));
  }
  const prepared = prepareRun(parsed.value, { snapshot, headers: readHeaders(request.headers) });
  if (prepared.type === "error") return respondError(prepared.error, idHeaders(requestId));
  const abort = new AbortController();
  const leave = () => abort.abort();
  request.signal.addEventListener("abort", leave, { once: true });
  context.closing.addEventListener("abort", leave, { once: true, signal: abort.signal });
  const { ledger } = context;
  const { signal } = abort;
  const input = { ...prepared.route, requestId, snapshot, signal, ledger, clock };
  return isStreamed(input.request) ? await stream(input, leave) : await answer(input);
}

function readHeaders(headers: Headers): HeaderMap {
  return new Map(headers);
}

type Prepared =
  | { readonly type: "route"; readonly route: Pick<RunInput, "request" | "features" | "plan"> }
  | { readonly type: "error"; readonly error: ReturnType<typeof errorOfRefusal> };

function prepareRun(
  request: ChatRequest,
  options: { readonly snapshot: Snapshot; readonly headers: HeaderMap },
): Prepared {
  const { config } = options.snapshot;
  const features = extractFeatures(request, options.headers);
  const decision = decideRoute(features, config);
  if (decision.type === "plan") {
    return { type: "route", route: { request, features, plan: decision.plan } };
  }
  const { catalog } = config;
  return { type: "error", error: errorOfRefusal(decision.refusal, { catalog, features }) };
}

/** nginx's status for a client that left: nobody reads this response. */
const CLIENT_LEFT = 499;

async function answer(input: RunInput): Promise<Response> {
  let head: RunHead | null = null;
  let response: Response | null = null;
  for await (const event of runRoute(input)) {
    if (event.type === "head") head = event.head;
    if (event.type === "error") response = respondError(event.error, idHeaders(input.requestId));
    if (event.type === "answer" && head !== null) {
      const headers = headHeaders(input.requestId, head);
      response = respondJson(addOwnFields(event.answer, { input, head }), { headers });
    }
  }
  return response ?? new Response(null, { status: CLIENT_LEFT });
}

function addOwnFields(
  answer: ChatAnswer,
  of: { readonly input: RunInput; readonly head: RunHead },
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
 * The response waits for the first event, so that a failure keeps its HTTP status; when that takes
 * long, the stream begins without it and comments keep the connection alive.
 */
async function stream(input: RunInput, abort: () => void): Promise<Response> {
  const { keepAliveMs } = input.snapshot.config.server;
  const { requestId } = input;
  const events = runRoute(input);
  const first = events.next();
  const early = await firstWithin(first, keepAliveMs);
  const source = { events, first, keepAliveMs, abort };
  if (early === null) return respondStream({ ...source, headers: idHeaders(requestId) });
  if (early.done) return new Response(null, { status: CLIENT_LEFT });
  if (early.value.type === "head") {
    return respondStream({ ...source, headers: headHeaders(requestId, early.value.head) });
  }
  await events.return();
  if (early.value.type === "error") return respondError(early.value.error, idHeaders(requestId));
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
