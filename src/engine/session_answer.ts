/** What a request that has ended tells of its conversation. */

import { isContinued } from "../core/fingerprint.ts";
import { COOLDOWN_RULES } from "../core/health.ts";
import { profileOfRule } from "../core/explain.ts";
import type { AttemptRecord, LedgerEntry } from "../ledger/ledger.ts";
import { isPolicyPlan } from "../core/plan.ts";
import { ADAPTERS } from "../providers/mod.ts";
import { type Provider, PROVIDER_KINDS } from "../core/provider.ts";
import type { RunInput } from "./input.ts";
import type { SessionAnswer } from "./sessions.ts";

/** Notes who has the conversation from now on; what rules and names have decided binds nobody. */
export function noteSession(input: NotedInput, entry: LedgerEntry): void {
  const { snapshot, plan, conversation } = input;
  if (conversation === null || !isPolicyPlan(plan)) return;
  const { finalModel } = entry.request;
  const final = entry.attempts.findLast(({ alias }) => alias === finalModel);
  const provider = final === undefined ? undefined : snapshot.config.providers.get(final.provider);
  if (final === undefined || provider === undefined) return;
  snapshot.sessions.note(conversation, describeAnswer(final, { input, entry, provider }));
}

/** What of a request that was routed tells of its conversation. */
type NotedInput = Pick<RunInput, "snapshot" | "request" | "plan" | "table" | "conversation">;

function describeAnswer(
  final: AttemptRecord,
  of: {
    readonly input: NotedInput;
    readonly entry: LedgerEntry;
    readonly provider: Provider;
  },
): SessionAnswer {
  const { input, entry, provider } = of;
  const others = entry.attempts.filter(({ alias }) => alias !== final.alias);
  const { inputTokens, outputTokens, cachedTokens } = final;
  const isLocal = input.snapshot.routes.catalog.get(final.alias)?.local ?? false;
  return {
    alias: final.alias,
    warmMs: cacheWarmMsOf(provider),
    tokens: (inputTokens ?? 0) + (outputTokens ?? 0),
    // Servers on the user's machine keep what they have read, and most do not say so.
    cachedTokens: cachedTokens || (isLocal ? null : 0),
    profile: profileOfRule(input.plan.ruleName),
    isContinued: isContinued(input.request),
    tooSmall: others.flatMap(({ alias, outcome }) => outcome === "context_overflow" ? [alias] : []),
    isEscalated: others.some(({ outcome }) => outcome.startsWith("weak_")),
    failed: others.find(({ outcome }) => isOutage(outcome))?.alias ?? findCoolingHome(input),
  };
}

const OUTAGES: ReadonlySet<string> = new Set(Object.keys(COOLDOWN_RULES));

/** Whether the model is out of order, as its cool-down says: a request that is too long tells of no such thing. */
function isOutage(outcome: AttemptRecord["outcome"]): boolean {
  return OUTAGES.has(outcome);
}

/** Who was to answer, but cools down; null: nobody, or the conversation was another model's. */
function findCoolingHome(
  { plan: { homeAlias = null, candidates, rejected }, table: { bound = null } }: NotedInput,
): string | null {
  const isItsOwn = bound === null || bound.alias === homeAlias || bound.primary === homeAlias;
  const isCooling =
    candidates.some(({ model, cooldown }) => model.alias === homeAlias && cooldown !== null) ||
    rejected.some(({ alias, cause }) => alias === homeAlias && cause === "cooldown");
  return isItsOwn && isCooling ? homeAlias : null;
}

/** Milliseconds that a model of this provider keeps what it has read of a conversation. */
export function cacheWarmMsOf(provider: Provider): number {
  const { kind } = provider;
  return ADAPTERS[kind].cacheWarmMsOf?.(provider) ?? PROVIDER_KINDS[kind].cacheWarmMs;
}
