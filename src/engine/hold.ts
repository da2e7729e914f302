/** Holds a streamed attempt until the gate has judged it. */

import type { ChatChunk } from "../core/chat.ts";
import { advanceGate, concludeGate, GATE_START, type GateOptions } from "../core/gate.ts";
import type { AttemptOutcome, UpstreamFault, WeakReason } from "../core/outcome.ts";

/** What some chunks of an attempt lead to. */
export interface HoldResult {
  /** Chunks to show to the client now. */
  readonly shown: readonly ChatChunk[];
  /** The attempt is weak: nothing of its answer is shown, now or later. */
  readonly escalate: AttemptOutcome | null;
}

/** An end marker, but no answer. */
export const EMPTY_FAULT: UpstreamFault = {
  kind: "empty",
  status: null,
  message: "the answer has no content",
};

/** The chunks of one attempt that the client has not been shown. */
export class Hold {
  readonly #options: GateOptions;
  #state = GATE_START;
  #held: ChatChunk[] = [];
  #isCommitted = false;

  /** Holds for a gate with these options. */
  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Whether the client has been shown a part of the answer. */
  get isCommitted(): boolean {
    return this.#isCommitted;
  }

  /** The chunks that are held. */
  get held(): readonly ChatChunk[] {
    return this.#held;
  }

  /** Sorts chunks into those to show and those to hold. Chunks without choices are passed over. */
  take(chunks: readonly ChatChunk[]): HoldResult {
    const shown: ChatChunk[] = [];
    for (const chunk of chunks) {
      if (chunk.choices.length === 0) continue;
      if (this.#isCommitted) shown.push(chunk);
      else {
        const reason = this.#judge(chunk, shown);
        if (reason !== null) return { shown: [], escalate: this.#weak(reason, false) };
      }
    }
    return { shown, escalate: null };
  }

  #judge(chunk: ChatChunk, shown: ChatChunk[]): WeakReason | null {
    const { state, verdict } = advanceGate(this.#state, { ...this.#options, chunk });
    this.#state = state;
    if (verdict.type === "escalate") return verdict.reason;
    if (verdict.type === "show") shown.push(chunk);
    else this.#held.push(chunk);
    if (verdict.type === "commit") {
      this.#isCommitted = true;
      shown.push(...this.#held);
      this.#held = [];
    }
    return null;
  }

  /** The outcome of an attempt whose stream has ended well. */
  conclude(): AttemptOutcome {
    if (this.#isCommitted) return { type: "answered" };
    const end = concludeGate(this.#state, this.#options);
    if (end.type === "empty") return { type: "fault", fault: EMPTY_FAULT };
    return end.type === "escalate" ? this.#weak(end.reason, true) : { type: "answered" };
  }

  #weak(reason: WeakReason, isWhole: boolean): AttemptOutcome {
    return { type: "weak", reason, textLength: this.#state.text.length, isWhole };
  }
}
