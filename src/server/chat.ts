/** `POST /v1/chat/completions`. */

import { type ChatRequest, isStreamed } from "../core/chat.ts";
import { readClientLimit } from "../core/client_limit.ts";
import type { RouterError } from "../core/errors.ts";
import { extractFeatures, type Features, type HeaderMap } from "../core/features.ts";
import type { JsonObject } from "../core/json.ts";
import { parseChatRequest } from "../core/request.ts";
import { decideRoute } from "../core/route.ts";
import type { RouteRefusal, RouteTable } from "../core/plan.ts";
import type { RunInput } from "../engine/input.ts";
import { createRefusedEntry } from "../engine/journal.ts";
import type { RunHead } from "../engine/presenter.ts";
import { notePlan, takeMoment } from "../engine/moment.ts";
import { runRoute } from "../engine/run.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import { readBody } from "./body.ts";
import type { ServerContext } from "./context.ts";
import type { HttpReply, HttpRequest } from "./http.ts";
import { errorOfRefusal } from "./refusal.ts";
import { replyError } from "./reply.ts";
import { replyRun } from "./stream.ts";

/** Routes a chat request and answers it, streamed or whole. */
export async function handleChat(request: HttpRequest, context: ServerContext): Promise<HttpReply> {
  const clock = { ts: Date.now(), startedAt: performance.now() };
  const requestId = request.id;
  const snapshot = context.snapshot();
  const { server: settings } = snapshot.config;
  const body = await readBody(request, { settings, parse: parseChatRequest });
  if (body.type === "error") return replyError(body.error);
  const { ledger, closing } = context;
  const prepared = prepareRun(body.value, { snapshot, headers: request.headers });
  if (prepared.type === "refused") {
    const { error, ...refused } = prepared;
    const httpStatus = error.status;
    ledger.record(createRefusedEntry({ ...refused, requestId, clock, httpStatus }));
    return replyError(error);
  }
  const { signal } = request;
  const clientLimit = readClientLimit(request.headers);
  const serving = { requestId, snapshot, signal, closing, ledger, clientLimit, clock };
  const input = { ...prepared.route, ...serving };
  return await replyRun((isHeadSent) => runRoute({ ...input, isHeadSent }), {
    isStreamed: isStreamed(input.request),
    clientLimit,
    keepAliveMs: settings.keepAliveMs,
    finish: (answer, head) => addOwnFields(answer, { requestId, head }),
  });
}

type Prepared =
  | {
    readonly type: "route";
    readonly route: Pick<RunInput, "request" | "features" | "plan" | "table" | "conversation">;
  }
  | {
    readonly type: "refused";
    readonly request: ChatRequest;
    readonly features: Features;
    readonly table: RouteTable;
    readonly conversation: string | null;
    readonly refusal: RouteRefusal;
    readonly error: RouterError;
  };

function prepareRun(
  request: ChatRequest,
  options: { readonly snapshot: Snapshot; readonly headers: HeaderMap },
): Prepared {
  const { snapshot } = options;
  const features = extractFeatures(request, options.headers);
  snapshot.readiness.refresh(snapshot.routes.catalog);
  const moment = takeMoment(snapshot, { request, features });
  const decision = decideRoute(features, moment.table);
  if (decision.type === "plan") {
    const { plan } = decision;
    notePlan(snapshot, plan, features);
    return { type: "route", route: { request, features, plan, ...moment } };
  }
  const { refusal } = decision;
  const error = errorOfRefusal(refusal, { catalog: snapshot.config.catalog, features });
  return { type: "refused", request, features, ...moment, refusal, error };
}

function addOwnFields(
  answer: JsonObject,
  of: { readonly requestId: string; readonly head: RunHead },
): JsonObject {
  const { ruleName, attemptCount } = of.head;
  return {
    ...answer,
    "pirouter": {
      "request_id": of.requestId,
      "rule": ruleName,
      "attempts": attemptCount,
    },
  };
}
