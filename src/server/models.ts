/** `GET /v1/models`: what a client can put into `model`, and how long its requests may be. */

import type { Model } from "../core/catalog.ts";
import { ROUTER_ERRORS } from "../core/errors.ts";
import { guaranteedWindow } from "../core/guarantee.ts";
import type { JsonObject } from "../core/json.ts";
import { isUsable } from "../core/filter.ts";
import { PROFILE_NAMES, type ProfileName } from "../core/profile.ts";
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
  const { config, routes: { catalog, rules, routing } } = context.snapshot();
  const table = { catalog, rules, hasFallback: config.cascade.onHttpError };
  const created = context.startedAt;
  const toRouted = (name: string, profile: ProfileName): ModelEntry => ({
    ...toEntry(name, { created, owner: "pirouter", type: "chat" }),
    "name": `${name} (pirouter chooses the model)`,
    ...windowFields(guaranteedWindow(table, { name, profile })),
  });
  return [
    toRouted(AUTO_MODEL, routing.profile),
    ...PROFILE_NAMES.map((name) => toRouted(name, name)),
    ...[...catalog.values()].filter(isUsable).map((model) => toNamed(model, created)),
  ];
}

function toNamed(model: Model, created: number): ModelEntry {
  const { alias, modelId, provider, type, contextWindow, maxOutputTokens } = model;
  return {
    ...toEntry(alias, { created, owner: provider, type }),
    "name": alias === modelId ? alias : `${alias} (${modelId})`,
    ...windowFields(contextWindow),
    ...(maxOutputTokens === null ? {} : { "max_output_tokens": maxOutputTokens }),
  };
}

/** OpenAI's own fields, and the `type` that lets a client tell chat from embeddings. */
function toEntry(
  id: string,
  of: { readonly created: number; readonly owner: string; readonly type: Model["type"] },
): ModelEntry {
  return {
    "id": id,
    "object": "model",
    "created": of.created,
    "owned_by": of.owner,
    "type": of.type,
  };
}

/**
 * The window by the names under which clients look for it: Groq's (https://console.groq.com/docs/models),
 * OpenRouter's (https://openrouter.ai/docs/api-reference/list-available-models) and vLLM's.
 */
function windowFields(window: number | null): JsonObject {
  if (window === null) return {};
  return { "context_window": window, "context_length": window, "max_model_len": window };
}

/** Aliases may hold characters that a URL escapes; a malformed escape is taken as it stands. */
function decodeId(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
