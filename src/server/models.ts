/** `GET /v1/models`: what a client can put into `model`. */

import { ROUTER_ERRORS } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { PROFILE_NAMES } from "../core/policy.ts";
import { AUTO_MODEL } from "../core/route.ts";
import type { ServerContext } from "./context.ts";
import type { HttpReply, HttpRequest } from "./http.ts";
import { replyError, replyJson } from "./reply.ts";

/** Lists `auto`, the profiles and every alias that can be used. */
export function handleModels(_request: HttpRequest, context: ServerContext): HttpReply {
  return replyJson({ "object": "list", "data": listModels(context) });
}

/** One model of that list. */
export function handleModel(request: HttpRequest, context: ServerContext): HttpReply {
  const id = decodeId(request.path.slice("/v1/models/".length));
  const models = listModels(context);
  const model = models.find((entry) => entry["id"] === id);
  if (model !== undefined) return replyJson(model);
  return replyError(ROUTER_ERRORS.unknownModel(id, models.map((entry) => entry["id"])));
}

type ModelEntry = JsonObject & { readonly id: string };

function listModels(context: ServerContext): readonly ModelEntry[] {
  const { catalog } = context.snapshot().config;
  const usable = [...catalog.values()].filter((model) => model.enabled && model.unusable === null);
  const toEntry = (id: string, owner: string): ModelEntry => ({
    "id": id,
    "object": "model",
    "created": context.startedAt,
    "owned_by": owner,
  });
  return [
    ...[AUTO_MODEL, ...PROFILE_NAMES].map((name) => toEntry(name, "pirouter")),
    ...usable.map((model) => toEntry(model.alias, model.provider)),
  ];
}

/** Aliases may hold characters that a URL escapes; a malformed escape is taken as it stands. */
function decodeId(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
