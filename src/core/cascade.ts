/** The cascade: what to do next, told from what has been done so far. */

import { type ChatAnswer, type ChatRequest, isFormatted, requestedOutputTokens } from "./chat.ts";
import type { Features } from "./features.ts";
import { type Cooldown, saysLater } from "./health.ts";
import type { AttemptOutcome, FaultKind, UpstreamFault, WeakReason } from "./outcome.ts";
import type { RoutingSettings } from "./policy.ts";
import type { RoutePlan } from "./plan.ts";
import { estimateTokens } from "./tokens.ts";

/** `[cascade]`. */
export interface CascadeSettings {
  /** Whether faults lead to the next candidate. */
  readonly onHttpError: boolean;
  /** Whether an answer of fewer than `minOutputTokens` is weak. */
  readonly onShortResponse: boolean;
  readonly minOutputTokens: number;
  /** A model that can't answer well starts its answer with this; null: no marker. */
  readonly onMarker: string | null;
  /**
   * `auto` holds a stream only until it can be judged, so that the marker counts at the answer's
   * beginning alone; `full` holds it until it has ended, and finds the marker anywhere.
   */
  readonly streamHold: "auto" | "full";
  /** Whether reasoning reaches the client before the answer is judged. */
  readonly reasoning: "live" | "hold";
  /** The most milliseconds that a request waits for a model that can answer later, and no other can. */
  readonly maxWaitMs: number;
}

/** One attempt that has ended. */
export interface EndedAttempt {
  /** The position of its candidate in the plan. */
  readonly candidate: number;
  readonly outcome: AttemptOutcome;
  /** Whether the client has been shown its answer: the model can't change any more. */
  readonly isCommitted: boolean;
}

/** What to do next. */
export type Step =
  /** Ask this candidate; where milliseconds are to pass before, look for the next step again then. */
  | { readonly type: "attempt"; readonly candidate: number; readonly waitMs: number }
  /** Serve the answer of this ended attempt (its position in the history). */
  | { readonly type: "serve"; readonly attempt: number }
  /** There is nothing to serve: no candidate is left, or the fault allows no other one. */
  | { readonly type: "fail" }
  /** The stream is committed, or the client has left. */
  | { readonly type: "stop" };

/** What a step is told from. */
export interface StepOptions {
  readonly settings: CascadeSettings;
  readonly attempts: readonly EndedAttempt[];
  /** Whether the candidate cools down by now. */
  readonly cooldownOf: (candidate: number) => Cooldown | null;
  /** Milliseconds that this request may still wait. */
  readonly patienceMs: number;
}

/**
 * What a fault allows: any next candidate, one with a larger window, or none. `refused` is none, too,
 * where the response's status said it: an upstream that answers with a 200 first is not believed.
 */
type FaultRoute = "next" | "larger" | "none" | "refused";

/** THE TABLE of what follows a fault. Requests that are wrong in themselves are not sent twice. */
const FAULT_ROUTES: Readonly<Record<FaultKind, FaultRoute>> = {
  connect: "next",
  timeout: "next",
  "rate_limit": "next",
  quota: "next",
  overloaded: "next",
  "server_error": "next",
  unsupported: "next",
  empty: "next",
  malformed: "next",
  truncated: "next",
  "context_overflow": "larger",
  "too_large": "next", // a cap on bytes or on tokens a minute: another model may have none
  auth: "refused",
  permission: "refused",
  "not_found": "refused",
  "bad_request": "refused",
  "content_filter": "none",
  deadline: "none",
};

/** Whether no other candidate is asked: the fault is the request's own, or the user must set it right. */
export function isFinalFault({ kind, status }: Pick<UpstreamFault, "kind" | "status">): boolean {
  const route = FAULT_ROUTES[kind];
  return route === "none" || (route === "refused" && status !== null);
}

/** How often one request asks the same candidate, however short the waits are. */
const MAX_ASKS = 3;

/** What the history of attempts leads to. */
export function nextStep(plan: Pick<RoutePlan, "candidates">, options: StepOptions): Step {
  const { attempts } = options;
  const last = attempts.at(-1);
  if (last === undefined) return firstStep(plan, options);
  if (last.isCommitted) return { type: "stop" };
  switch (last.outcome.type) {
    case "cancelled":
      return { type: "stop" };
    case "answered":
      return { type: "serve", attempt: attempts.length - 1 };
    case "weak": {
      const next = candidateAfterWeak(plan, attempts.map(({ candidate }) => candidate));
      return next === null ? settle(attempts) : askNow(next);
    }
    case "fault":
      return stepAfterFault(plan, { ...options, last, fault: last.outcome.fault });
  }
}

/** Where all candidates cool down, the soonest is waited for, if it said that it can answer later. */
function firstStep(plan: Pick<RoutePlan, "candidates">, options: StepOptions): Step {
  const { settings, cooldownOf, patienceMs } = options;
  const isCooling = plan.candidates.every(({ cooldown }) => cooldown !== null);
  const cooldown = isCooling && settings.onHttpError ? cooldownOf(0) : null;
  if (cooldown === null || !cooldown.isLater || cooldown.remainingMs > patienceMs) return askNow(0);
  return { type: "attempt", candidate: 0, waitMs: cooldown.remainingMs };
}

function askNow(candidate: number): Step {
  return { type: "attempt", candidate, waitMs: 0 };
}

/**
 * Who is asked when the last of these positions answers weakly; null: its answer stands. One that
 * stood before it, and was put behind only because it cools down, would be a step back.
 */
export function candidateAfterWeak(
  plan: Pick<RoutePlan, "candidates">,
  asked: readonly number[],
): number | null {
  const { candidates } = plan;
  const rank = candidates[asked.at(-1) ?? 0]?.rank ?? 0;
  const next = candidates.findIndex((candidate, position) =>
    !asked.includes(position) && candidate.rank > rank
  );
  return next < 0 ? null : next;
}

interface AfterFault extends StepOptions {
  readonly last: EndedAttempt;
  readonly fault: UpstreamFault;
}

function stepAfterFault(plan: Pick<RoutePlan, "candidates">, options: AfterFault): Step {
  const { settings, attempts, last, fault } = options;
  if (fault.isStale === true) return askNow(last.candidate);
  if (!settings.onHttpError || isFinalFault(fault)) return settle(attempts);
  const next = candidateAfterFault(plan, options);
  if (next !== null) return askNow(next);
  const end = settle(attempts);
  return end.type === "fail" ? repeatSoonest(options) ?? end : end;
}

/** Who was not asked: one that is well before one that has begun to cool down since, as its provider may. */
function candidateAfterFault(
  plan: Pick<RoutePlan, "candidates">,
  { attempts, cooldownOf }: AfterFault,
): number | null {
  const { candidates } = plan;
  const asked = new Set(attempts.map(({ candidate }) => candidate));
  const tooSmall = windowThatOverflowed(plan, attempts);
  const left = candidates.flatMap(({ model: { contextWindow } }, position) =>
    !asked.has(position) && (contextWindow ?? Infinity) > tooSmall ? [position] : []
  );
  return left.find((position) => cooldownOf(position) === null) ?? left[0] ?? null;
}

/** The largest window, in tokens, that the request was too long for; 0 when it was for none. */
function windowThatOverflowed(
  { candidates }: Pick<RoutePlan, "candidates">,
  attempts: readonly EndedAttempt[],
): number {
  return attempts.reduce((largest, { candidate, outcome }) => {
    const isOverflow = outcome.type === "fault" && FAULT_ROUTES[outcome.fault.kind] === "larger";
    const window = candidates[candidate]?.model.contextWindow ?? 0;
    return isOverflow ? Math.max(largest, window) : largest;
  }, 0);
}

/**
 * Asks again who said that it can answer later, and is to be asked soonest. Other faults are not
 * repeated: the client decides whether to pay for another try.
 */
function repeatSoonest(options: StepOptions): Step | null {
  const { attempts, cooldownOf, patienceMs } = options;
  const asked = [...new Set(attempts.map(({ candidate }) => candidate))];
  const waits = asked
    .filter((candidate) => mayAskAgain(attempts.filter((each) => each.candidate === candidate)))
    .map((candidate) => ({ candidate, waitMs: cooldownOf(candidate)?.remainingMs ?? 0 }))
    .filter(({ waitMs }) => waitMs <= patienceMs)
    .sort((a, b) => a.waitMs - b.waitMs);
  const [soonest] = waits;
  return soonest === undefined ? null : { type: "attempt", ...soonest };
}

function mayAskAgain(attempts: readonly EndedAttempt[]): boolean {
  const outcome = attempts.at(-1)?.outcome;
  if (attempts.length >= MAX_ASKS || outcome?.type !== "fault") return false;
  const { fault } = outcome;
  return fault.isOurs !== true && FAULT_ROUTES[fault.kind] === "next" && saysLater(fault);
}

/** The best whole answer so far: one that is merely short before one with the marker, then the longest. */
function settle(attempts: readonly EndedAttempt[]): Step {
  let best: { readonly attempt: number; readonly key: readonly [number, number] } | null = null;
  for (const [attempt, { outcome }] of attempts.entries()) {
    if (outcome.type !== "weak" || !outcome.isWhole) continue;
    const key = [outcome.reason === "short" ? 1 : 0, outcome.textLength] as const;
    const isBetter = best === null || key[0] > best.key[0] ||
      (key[0] === best.key[0] && key[1] >= best.key[1]);
    if (isBetter) best = { attempt, key };
  }
  return best === null ? { type: "fail" } : { type: "serve", attempt: best.attempt };
}

/** What makes an answer to this request weak: null switches a check off. */
export interface WeaknessChecks {
  readonly minOutputTokens: number | null;
  readonly marker: string | null;
  /** Whether the marker counts behind other text too: only where all of an answer is held. */
  readonly isMarkerAnywhere: boolean;
}

/** The checks that fit the request: a short answer that was asked for is not weak. */
export function checksFor(request: ChatRequest, settings: CascadeSettings): WeaknessChecks {
  const asked = {
    requestedOutputTokens: requestedOutputTokens(request),
    isFormatted: isFormatted(request),
  };
  return {
    minOutputTokens: isShortWeak(asked, settings) ? settings.minOutputTokens : null,
    marker: settings.onMarker,
    isMarkerAnywhere: settings.streamHold === "full",
  };
}

/** Whether a short answer to the request is weak: not where the client asks for a short one, or for JSON. */
function isShortWeak(
  { requestedOutputTokens, isFormatted }: Pick<Features, "requestedOutputTokens" | "isFormatted">,
  { onShortResponse, minOutputTokens }: CascadeSettings,
): boolean {
  return onShortResponse && !isFormatted && (requestedOutputTokens ?? Infinity) > minOutputTokens;
}

/** Whether a weak answer to a request that the policy routes is noticed, and leads to another model. */
export function canEscalate(
  features: Features,
  { cascade, routing }: {
    readonly cascade: CascadeSettings;
    readonly routing: Pick<RoutingSettings, "autoCascade" | "maxPolicyFallbacks">;
  },
): boolean {
  if (!routing.autoCascade || routing.maxPolicyFallbacks === 0) return false;
  return cascade.onMarker !== null || isShortWeak(features, cascade);
}

/** Whether any check is on. */
export function hasChecks({ minOutputTokens, marker }: WeaknessChecks): boolean {
  return minOutputTokens !== null || marker !== null;
}

/** Why the text of a whole answer is weak, or null. An answer with tool calls never is. */
export function judgeText(text: string, checks: WeaknessChecks): WeakReason | null {
  if (beginsWithMarker(text, checks)) return "marker";
  const isSearched = checks.marker !== null && checks.isMarkerAnywhere;
  if (isSearched && text.includes(checks.marker)) return "marker";
  const { minOutputTokens } = checks;
  return minOutputTokens !== null && isShorter(text, minOutputTokens) ? "short" : null;
}

/** Whether the text begins with the marker; white space in front of it doesn't count. */
export function beginsWithMarker(text: string, checks: WeaknessChecks): boolean {
  return checks.marker !== null && text.trimStart().startsWith(checks.marker);
}

/** Whether the text has fewer tokens than this (estimated). */
export function isShorter(text: string, tokens: number): boolean {
  return estimateTokens(text) < tokens;
}

/** Why a whole answer is weak, or null. */
export function judgeAnswer(answer: ChatAnswer, checks: WeaknessChecks): WeakReason | null {
  const message = answer.choices[0]?.message;
  if ((message?.["tool_calls"]?.length ?? 0) > 0) return null;
  return judgeText(message?.content ?? "", checks);
}
