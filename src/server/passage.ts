/** `POST /v1/embeddings` and `POST /v1/completions`: passed to a provider that has them. */

import { readClientLimit } from "../core/client_limit.ts";
import type { JsonValue } from "../core/json.ts";
import { parsePassageRequest, type PassageEndpoint } from "../core/passage.ts";
import { choosePassage, type PassageTable } from "../core/passage_target.ts";
import { runPassage } from "../engine/passage.ts";
import { createUnpassedEntry } from "../engine/passage_record.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import { PASSAGE_HOSTS } from "../providers/passage_request.ts";
import { readBody } from "./body.ts";
import type { ServerContext } from "./context.ts";
import type { HttpReply, HttpRequest } from "./http.ts";
import { errorOfPassageRefusal } from "./refusal.ts";
import { replyError } from "./reply.ts";
import { replyRun } from "./stream.ts";

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
  const { server: settings } = snapshot.config;
  const parse = (value: JsonValue) => parsePassageRequest(value, endpoint);
  const body = await readBody(http, { settings, parse });
  if (body.type === "error") return replyError(body.error);
  const asked = body.value;
  const { ledger, closing } = context;
  const facts = { requestId: http.id, request: asked, clock };
  const decision = choosePassage(asked, tableOf(snapshot));
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
  return await replyRun((isHeadSent) => runPassage({ ...input, isHeadSent }), {
    isStreamed: asked.isStreamed,
    clientLimit,
    keepAliveMs: settings.keepAliveMs,
  });
}

function tableOf({ config, routes }: Snapshot): PassageTable {
  return {
    catalog: routes.catalog,
    providers: config.providers,
    unknownModel: routes.routing.unknownModel,
    hosts: PASSAGE_HOSTS,
  };
}
