/** How long the first token of an attempt may take. */

import type { Provider } from "../core/provider.ts";
import type { Adapter, AnswerContext } from "../providers/adapter.ts";
import type { Pace } from "./pace.ts";
import type { ProviderLink } from "./snapshot.ts";

/** Milliseconds for which a request waits until its server has said which models it has loaded. */
const LOADED_LIMIT_MS = 500;

/** Who is asked, and what is known of its pace. */
export interface FirstTokenAsk {
  readonly adapter: Adapter;
  readonly provider: Provider;
  readonly link: ProviderLink;
  readonly pace: Pace;
  readonly context: Pick<AnswerContext, "model" | "request">;
  readonly inputTokens: number;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
}

/** The efforts at which a model's usual pace tells how long it thinks; none means the usual one. */
const USUAL_EFFORTS: ReadonlySet<unknown> = new Set([undefined, null, "none", "minimal", "low"]);

/**
 * Milliseconds that the first token may take: the user's own number, else what the model's pace
 * suggests. A model that must be loaded first, or is to think hard, gets the dialect's whole limit,
 * and so does one on the user's machine that is busy: servers there answer one request after another.
 */
export async function findFirstTokenLimitMs(ask: FirstTokenAsk): Promise<number> {
  const { provider, pace, inputTokens, context: { model, request } } = ask;
  const defaultMs = provider.firstTokenTimeoutMs;
  if (provider.isFirstTokenFixed) return defaultMs;
  // Whoever loads models on demand runs on somebody's own machine, whatever the config calls it.
  const isLocal = model.local || ask.adapter.loadedModels !== undefined;
  const learnedMs = pace.limitMs(model, { inputTokens, defaultMs, isLocal });
  if (learnedMs >= defaultMs) return learnedMs;
  const isQueued = isLocal && ask.link.slots.takenCount > 1;
  if (isQueued || !USUAL_EFFORTS.has(request["reasoning_effort"])) return defaultMs;
  return await isLoaded(ask) ? learnedMs : defaultMs;
}

async function isLoaded(ask: FirstTokenAsk): Promise<boolean> {
  const { pace, context: { model }, link: { loaded }, signal } = ask;
  if (loaded === null || pace.isWarm(model)) return true;
  const look = await loaded.look({ signal, limitMs: LOADED_LIMIT_MS });
  return look.hasModel(model) === true;
}
