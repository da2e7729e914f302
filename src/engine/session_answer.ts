/** What a request that has ended tells of its conversation. */

import type { RoutePlan } from "../core/plan.ts";
import type { AttemptRecord, LedgerEntry } from "../ledger/ledger.ts";
import { ADAPTERS } from "../providers/mod.ts";
import { type Provider, PROVIDER_KINDS } from "../core/provider.ts";
import type { RunInput } from "./input.ts";
import { isPolicyPlan } from "./moment.ts";
import type { SessionAnswer } from "./sessions.ts";

/** Notes who has the conversation from now on; what rules and names have decided binds nobody. */
export function noteSession(
  { snapshot, plan, conversation = null }: Pick<RunInput, "snapshot" | "plan" | "conversation">,
  entry: LedgerEntry,
): void {
  if (conversation === null || !isPolicyPlan(plan)) return;
  const { finalModel } = entry.request;
  const final = entry.attempts.findLast(({ alias }) => alias === finalModel);
  const provider = final === undefined ? undefined : snapshot.config.providers.get(final.provider);
  if (final === undefined || provider === undefined) return;
  const isLocal = snapshot.routes.catalog.get(final.alias)?.local ?? false;
  snapshot.sessions.note(conversation, describeAnswer(final, { entry, plan, provider, isLocal }));
}

function describeAnswer(
  final: AttemptRecord,
  of: {
    readonly entry: LedgerEntry;
    readonly plan: RoutePlan;
    readonly provider: Provider;
    readonly isLocal: boolean;
  },
): SessionAnswer {
  const { entry, plan, provider, isLocal } = of;
  const others = entry.attempts.filter(({ alias }) => alias !== final.alias);
  const { inputTokens, outputTokens, cachedTokens } = final;
  return {
    alias: final.alias,
    warmMs: cacheWarmMsOf(provider),
    tokens: (inputTokens ?? 0) + (outputTokens ?? 0),
    // Servers on the user's machine keep what they have read, and most do not say so.
    cachedTokens: cachedTokens || (isLocal ? null : 0),
    isEscalated: others.some(({ outcome }) => outcome.startsWith("weak_")),
    failed: others.find(({ outcome }) => isFault(outcome))?.alias ?? coolingHome(plan),
  };
}

function isFault(outcome: AttemptRecord["outcome"]): boolean {
  return outcome !== "ok" && outcome !== "cancelled" && !outcome.startsWith("weak_");
}

/** Who would have been asked first, but cools down; null: nobody. */
function coolingHome({ homeAlias, candidates, rejected }: RoutePlan): string | null {
  const isCooling =
    candidates.some(({ model, cooldown }) => model.alias === homeAlias && cooldown !== null) ||
    rejected.some(({ alias, cause }) => alias === homeAlias && cause === "cooldown");
  return isCooling ? homeAlias ?? null : null;
}

/** Milliseconds that a model of this provider keeps what it has read of a conversation. */
export function cacheWarmMsOf(provider: Provider): number {
  const { kind } = provider;
  return ADAPTERS[kind].cacheWarmMsOf?.(provider) ?? PROVIDER_KINDS[kind].cacheWarmMs;
}
