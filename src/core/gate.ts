/**
 * The gate of a streamed attempt: hold its answer only until it can be judged, then commit. A pure
 * state machine: `advanceGate` for each chunk, `concludeGate` at the end of the stream.
 */

import { hasOtherContent } from "./answer.ts";
import { beginsWithMarker, isShorter, judgeText, type WeaknessChecks } from "./cascade.ts";
import type { ChatChunk } from "./chat.ts";
import type { WeakReason } from "./outcome.ts";

/** How an attempt is judged. */
export interface GateOptions extends WeaknessChecks {
  /** No candidate is left to turn to. */
  readonly isLast: boolean;
  readonly hold: "auto" | "full";
  readonly reasoning: "live" | "hold";
}

/** What has been seen of an attempt before its commit. */
export interface GateState {
  readonly text: string;
  readonly hasToolCall: boolean;
  /** Whether the output limit ended it. */
  readonly isCut: boolean;
}

/** What to do with the chunk (and, on commit, with all that was held). */
export type GateVerdict =
  | { readonly type: "hold" }
  /** Show this chunk alone: reasoning, before the answer is judged. */
  | { readonly type: "show" }
  | { readonly type: "commit" }
  | { readonly type: "escalate"; readonly reason: WeakReason };

/** What the end of an attempt that was never committed means. */
export type GateEnd =
  | { readonly type: "commit" }
  | { readonly type: "escalate"; readonly reason: WeakReason }
  /** An end marker, but no answer: a fault. */
  | { readonly type: "empty" };

/** The state before the first chunk. */
export const GATE_START: GateState = { text: "", hasToolCall: false, isCut: false };

/** Judges one chunk of an attempt that is not committed yet. */
export function advanceGate(
  state: GateState,
  options: GateOptions & { readonly chunk: ChatChunk },
): { readonly state: GateState; readonly verdict: GateVerdict } {
  const delta = options.chunk.choices[0]?.delta;
  const content = delta?.content ?? "";
  const hasReasoning = (delta?.["reasoning_content"] ?? "") !== "";
  const hasCall = (delta?.["tool_calls"]?.length ?? 0) > 0;
  // A refusal, say, is an answer that no check judges, as a call is.
  const hasToolCall = state.hasToolCall || hasCall || (delta ? hasOtherContent(delta) : false);
  const text = content === "" ? state.text : state.text + content;
  const isCut = state.isCut || options.chunk.choices[0]?.["finish_reason"] === "length";
  const next = { text, hasToolCall, isCut };
  return {
    state: next,
    verdict: judge(next, { ...options, hasContent: content !== "", hasReasoning }),
  };
}

function judge(
  state: GateState,
  options: GateOptions & { readonly hasContent: boolean; readonly hasReasoning: boolean },
): GateVerdict {
  if (options.hold === "full" && !options.isLast) return HOLD;
  if (state.hasToolCall) return COMMIT;
  if (options.hasContent) {
    return options.isLast ? judgeLast(state) : judgePrefix(state.text, options);
  }
  const isShown = options.isLast || options.reasoning === "live";
  return options.hasReasoning && isShown ? SHOW : HOLD;
}

/** White space alone may still become an empty answer, which is a fault and not an answer. */
function judgeLast(state: GateState): GateVerdict {
  return state.text.trim() === "" ? HOLD : COMMIT;
}

function judgePrefix(text: string, checks: WeaknessChecks): GateVerdict {
  const start = text.trimStart();
  if (start === "") return HOLD;
  if (beginsWithMarker(text, checks)) return { type: "escalate", reason: "marker" };
  if (checks.marker !== null && checks.marker.startsWith(start)) return HOLD;
  const { minOutputTokens } = checks;
  return minOutputTokens !== null && isShorter(text, minOutputTokens) ? HOLD : COMMIT;
}

/** Judges an attempt that ended before it was committed. */
export function concludeGate(state: GateState, options: GateOptions): GateEnd {
  if (state.hasToolCall) return COMMIT;
  // Where nothing is left to turn to, the client learns at least that its limit cut the answer.
  if (state.text.trim() === "") return options.isLast && state.isCut ? COMMIT : { type: "empty" };
  if (options.isLast) return COMMIT;
  const reason = judgeText(state.text, options);
  return reason === null ? COMMIT : { type: "escalate", reason };
}

const HOLD = { type: "hold" } as const;
const SHOW = { type: "show" } as const;
const COMMIT = { type: "commit" } as const;
