/** `POST /v1/embeddings` and `POST /v1/completions`: passed to a provider that has them. */

import { keepAliveMsFor, readClientLimit } from "../core/client_limit.ts";
import { ROUTER_ERRORS } from "../core/errors.ts";
import { parsePassageRequest, type PassageEndpoint } from "../core/passage.ts";
import { choosePassage } from "../core/passage_target.ts";
import { type PassageInput, runPassage } from "../engine/passage.ts";
import { createUnpassedEntry } from "../engine/passage_record.ts";
import type { RunHead } from "../engine/presenter.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import { hasOpenaiEndpoints } from "../providers/passage_request.ts";
import { readJsonBody } from "./body.ts";
import type { ServerContext } from "./context.ts";
import type { HttpReply, HttpRequest } from "./http.ts";
import { errorOfPassageRefusal } from "./refusal.ts";
import { headHeaders, REPLY_TO_NOBODY, replyError, replyFailure, replyJson } from "./reply.ts";
import { startStream } from "./stream.ts";

/** Handles `POST /v1/embeddings`. */
export function handleEmbeddings(
  request: HttpRequest,
  context: ServerContext,
): Promise<HttpReply> {
  return handlePassage(request, { context, endpoint: "embeddings" });
}

/** Handles `POST /v1/completions`. */
export function handleCompletions(
  request: HttpRequest,
  context: ServerContext,
): Promise<HttpReply> {
  return handlePassage(request, { context, endpoint: "completions" });
}

async function handlePassage(
  http: HttpRequest,
  options: { readonly context: ServerContext; readonly endpoint: PassageEndpoint },
): Promise<HttpReply> {
  const { context, endpoint } = options;
  const clock = { ts: Date.now(), startedAt: performance.now() };
  const snapshot = context.snapshot();
  const body = await readJsonBody(http, snapshot.config.server);
  if (body.type === "error") return replyError(body.error);
  const parsed = parsePassageRequest(body.value, endpoint);
  if (!parsed.ok) {
    const [issue = { path: "", message: "is invalid" }] = parsed.issues;
    return replyError(ROUTER_ERRORS.invalidRequest(issue));
  }
  const { ledger, closing } = context;
  const facts = { requestId: http.id, request: parsed.value, clock };
  const decision = choosePassage(parsed.value, tableOf(snapshot));
  if (decision.type === "refusal") {
    const error = errorOfPassageRefusal(decision.refusal, endpoint);
    const { message, status: httpStatus } = error;
    ledger.record(createUnpassedEntry(facts, { message, httpStatus }));
    return replyError(error);
  }
  const clientLimit = readClientLimit(http.headers);
  const { signal } = http;
  const serving = { snapshot, signal, closing, ledger, clientLimit };
  const input = { ...facts, ...serving, target: decision.target };
  if (!parsed.value.isStreamed) return await answer({ ...input, isHeadSent: () => false });
  const keepAliveMs = keepAliveMsFor(clientLimit, snapshot.config.server.keepAliveMs);
  return await startStream((isHeadSent) => runPassage({ ...input, isHeadSent }), keepAliveMs);
}

function tableOf({ config, routes }: Snapshot): Parameters<typeof choosePassage>[1] {
  return {
    catalog: routes.catalog,
    providers: config.providers,
    unknownModel: routes.routing.unknownModel,
    hasEndpoints: hasOpenaiEndpoints,
  };
}

async function answer(input: PassageInput): Promise<HttpReply> {
  let head: RunHead | null = null;
  let reply: HttpReply | null = null;
  for await (const event of runPassage(input)) {
    if (event.type === "head") head = event.head;
    if (event.type === "error") reply = replyFailure(event);
    if (event.type === "answer" && head !== null) {
      reply = replyJson(event.answer, { headers: headHeaders(head) });
    }
  }
  return reply ?? REPLY_TO_NOBODY;
}
