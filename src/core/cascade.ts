/** The cascade: what to do next, told from what has been done so far. */

import { type ChatAnswer, type ChatRequest, requestedOutputTokens } from "./chat.ts";
import type { AttemptOutcome, FaultKind, WeakReason } from "./outcome.ts";
import type { RoutePlan } from "./route.ts";
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
  | { readonly type: "attempt"; readonly candidate: number }
  /** Serve the answer of this ended attempt (its position in the history). */
  | { readonly type: "serve"; readonly attempt: number }
  /** There is nothing to serve: no candidate is left, or the fault allows no other one. */
  | { readonly type: "fail" }
  /** The stream is committed, or the client has left. */
  | { readonly type: "stop" };

/** What a fault allows: any next candidate, one with a larger window, or none. */
type FaultRoute = "next" | "larger" | "none";

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
  "too_large": "larger",
  auth: "none",
  permission: "none",
  "not_found": "none",
  "bad_request": "none",
  "content_filter": "none",
  deadline: "none",
};

/** Whether a fault of this kind is the request's own: no other candidate is asked. */
export function isFinalFault(kind: FaultKind): boolean {
  return FAULT_ROUTES[kind] === "none";
}

/** What the history of attempts leads to. */
export function nextStep(
  plan: Pick<RoutePlan, "candidates">,
  options: { readonly settings: CascadeSettings; readonly attempts: readonly EndedAttempt[] },
): Step {
  const { attempts } = options;
  const last = attempts.at(-1);
  if (last === undefined) return { type: "attempt", candidate: 0 };
  if (last.isCommitted) return { type: "stop" };
  switch (last.outcome.type) {
    case "cancelled":
      return { type: "stop" };
    case "answered":
      return { type: "serve", attempt: attempts.length - 1 };
    case "weak":
      return last.candidate + 1 < plan.candidates.length
        ? { type: "attempt", candidate: last.candidate + 1 }
        : settle(attempts);
    case "fault": {
      const next = candidateAfterFault(plan, { ...options, last, kind: last.outcome.fault.kind });
      return next === null ? settle(attempts) : { type: "attempt", candidate: next };
    }
  }
}

function candidateAfterFault(
  plan: Pick<RoutePlan, "candidates">,
  options: {
    readonly settings: CascadeSettings;
    readonly last: EndedAttempt;
    readonly kind: FaultKind;
  },
): number | null {
  const route = FAULT_ROUTES[options.kind];
  if (!options.settings.onHttpError || route === "none") return null;
  const failed = plan.candidates[options.last.candidate]?.model.contextWindow ?? 0;
  for (let index = options.last.candidate + 1; index < plan.candidates.length; index++) {
    const window = plan.candidates[index]?.model.contextWindow ?? Infinity;
    if (route === "next" || window > failed) return index;
  }
  return null;
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
  const limit = requestedOutputTokens(request) ?? Infinity;
  const format = request["response_format"]?.["type"] ?? "text";
  const canBeShort = limit <= settings.minOutputTokens || format !== "text";
  return {
    minOutputTokens: settings.onShortResponse && !canBeShort ? settings.minOutputTokens : null,
    marker: settings.onMarker,
    isMarkerAnywhere: settings.streamHold === "full",
  };
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
