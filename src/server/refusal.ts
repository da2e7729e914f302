/** What a client is told when no model may take its request. */

import type { Catalog } from "../core/catalog.ts";
import { errorOfFault, ROUTER_ERRORS, type RouterError } from "../core/errors.ts";
import type { Features } from "../core/features.ts";
import type { PassageEndpoint } from "../core/passage.ts";
import type { PassageRefusal } from "../core/passage_target.ts";
import type { Rejection } from "../core/filter.ts";
import type { RouteRefusal } from "../core/plan.ts";

/** The error for a request that could not be routed. */
export function errorOfRefusal(
  refusal: RouteRefusal,
  of: { readonly catalog: Catalog; readonly features: Features },
): RouterError {
  switch (refusal.type) {
    case "unknown_alias":
      return ROUTER_ERRORS.unknownAlias(refusal.source, refusal.alias, of.catalog.keys());
    case "unknown_model":
      return ROUTER_ERRORS.unknownModel(refusal.model, of.catalog.keys());
    case "no_candidate":
      return wrongTypeOf(refusal, of.catalog) ?? overflowOf(refusal.rejected, of) ??
        ROUTER_ERRORS.noCandidate(
          refusal.rejected.map(({ alias, reason }) => `${alias} ${reason}`),
        );
  }
}

/** A model that was named, and is for something else than chat. */
function wrongTypeOf(
  { ruleName, rejected }: Extract<RouteRefusal, { readonly type: "no_candidate" }>,
  catalog: Catalog,
): RouterError | null {
  const [only] = rejected;
  if (only?.cause !== "type" || rejected.length > 1 || ruleName.startsWith("policy:")) return null;
  const known = [...catalog.values()].filter(({ type }) => type === "chat");
  return ROUTER_ERRORS.notForChat(only.alias, known.map(({ alias }) => alias));
}

/** The error for a request that could not be passed on. */
export function errorOfPassageRefusal(
  refusal: PassageRefusal,
  endpoint: PassageEndpoint,
): RouterError {
  switch (refusal.type) {
    case "wrong_type":
      return ROUTER_ERRORS.wrongType(refusal.alias, { endpoint, known: refusal.known });
    case "no_endpoint": {
      const { model: { alias, provider }, known } = refusal;
      return ROUTER_ERRORS.noEndpoint(alias, { provider, endpoint, known });
    }
    case "unusable":
      return ROUTER_ERRORS.noCandidate([`${refusal.alias} ${refusal.reason}`]);
    case "unknown":
      return ROUTER_ERRORS.unknownModel(refusal.name, refusal.known);
    case "none":
      return ROUTER_ERRORS.noPassage(endpoint, refusal.reasons);
  }
}

/** Agents shorten the conversation on OpenAI's own error: it is given when only the window is too small. */
function overflowOf(
  rejected: readonly Rejection[],
  of: { readonly catalog: Catalog; readonly features: Features },
): RouterError | null {
  const tooSmall = rejected.filter(({ cause }) => cause === "context");
  if (tooSmall.length === 0) return null;
  const windows = tooSmall.map(({ alias }) => of.catalog.get(alias)?.contextWindow ?? 0);
  const message = `no model has a window that is large enough: ${
    tooSmall.map(({ alias, reason }) => `${alias} ${reason}`).join("; ")
  }`;
  const { inputTokens } = of.features;
  const contextWindow = Math.max(...windows);
  const fault = { kind: "context_overflow", status: null, message } as const;
  return errorOfFault(fault, { inputTokens, contextWindow });
}
