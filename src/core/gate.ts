/**
 * The gate of a streamed attempt: hold its answer only until it can be judged, then commit. A pure
 * state machine: `advanceGate` for each chunk, `concludeGate` at the end of the stream.
 */

import { hasOtherContent } from "./answer.ts";
import { beginsWithMarker, isShorter, judgeText, type WeaknessChecks } from "./cascade.ts";
import type { ChatChunk, ChunkChoice, ChunkDelta } from "./chat.ts";
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
  /** Deltas with text: each is at least one token, whatever an estimate of their text says. */
  readonly textDeltaCount: number;
  /** Characters that the chunks which are held take, about. */
  readonly heldChars: number;
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
export const GATE_START: GateState = {
  text: "",
  hasToolCall: false,
  isCut: false,
  textDeltaCount: 0,
  heldChars: 0,
};

/** The most that is held, in characters: an answer that is longer is shown without being judged. */
const MAX_HELD_CHARS = 16 * 1_048_576;

/** What a chunk takes besides its texts, in characters, about. */
const CHUNK_CHARS = 256;

/** Judges one chunk of an attempt that is not committed yet. */
export function advanceGate(
  state: GateState,
  options: GateOptions & { readonly chunk: ChatChunk },
): { readonly state: GateState; readonly verdict: GateVerdict } {
  // Of several choices the first is judged, wherever it stands in the chunk.
  const choice = options.chunk.choices.find(({ index }) => index === 0);
  const delta = choice?.delta;
  const content = delta?.content ?? "";
  const reasoning = delta?.["reasoning_content"] ?? "";
  const hasCall = (delta?.["tool_calls"]?.length ?? 0) > 0;
  // A refusal, say, is an answer that no check judges, as a call is.
  const hasToolCall = state.hasToolCall || hasCall || (delta ? hasOtherContent(delta) : false);
  const text = content === "" ? state.text : state.text + content;
  const isCut = state.isCut || choice?.["finish_reason"] === "length";
  const hasContent = content !== "";
  const chars = CHUNK_CHARS + content.length + reasoning.length + callChars(delta);
  const next = {
    text,
    hasToolCall,
    isCut,
    textDeltaCount: state.textDeltaCount + (hasContent ? 1 : 0),
    heldChars: state.heldChars + chars,
  };
  const isReasoning = reasoning !== "" && options.chunk.choices.every(isBareReasoning);
  const verdict = judge(next, { ...options, hasContent, isReasoning });
  const isHeld = verdict.type !== "show";
  return { state: isHeld ? next : { ...next, heldChars: state.heldChars }, verdict };
}

/** Whether a choice of a chunk says nothing that is a part of its answer, or of its end. */
function isBareReasoning({ delta, "finish_reason": finish }: ChunkChoice): boolean {
  const { content, "tool_calls": calls } = delta;
  return (content ?? "") === "" && (calls?.length ?? 0) === 0 && !hasOtherContent(delta) &&
    (finish ?? null) === null;
}

function callChars(delta: ChunkDelta | undefined): number {
  const calls = delta?.["tool_calls"] ?? [];
  return calls.reduce((sum, call) => sum + (call.function?.arguments?.length ?? 0), 0);
}

function judge(
  state: GateState,
  options: GateOptions & { readonly hasContent: boolean; readonly isReasoning: boolean },
): GateVerdict {
  if (state.heldChars > MAX_HELD_CHARS) return COMMIT;
  if (options.hold === "full" && !options.isLast) return HOLD;
  if (state.hasToolCall) return COMMIT;
  if (options.hasContent) {
    return options.isLast ? judgeLast(state) : judgePrefix(state, options);
  }
  const isShown = options.isLast || options.reasoning === "live";
  return options.isReasoning && isShown ? SHOW : HOLD;
}

/** White space alone may still become an empty answer, which is a fault and not an answer. */
function judgeLast(state: GateState): GateVerdict {
  return state.text.trim() === "" ? HOLD : COMMIT;
}

function judgePrefix({ text, textDeltaCount }: GateState, checks: WeaknessChecks): GateVerdict {
  const start = text.trimStart();
  if (start === "") return HOLD;
  if (beginsWithMarker(text, checks)) return { type: "escalate", reason: "marker" };
  if (checks.marker !== null && checks.marker.startsWith(start)) return HOLD;
  const { minOutputTokens } = checks;
  if (minOutputTokens === null || textDeltaCount >= minOutputTokens) return COMMIT;
  return isShorter(text, minOutputTokens) ? HOLD : COMMIT;
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
