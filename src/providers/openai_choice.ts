/** One choice of a stream: deltas with a role, text and calls that clients can read. */

import type { FinishReason } from "../core/chat.ts";
import { arrayAt, type JsonObject, type JsonValue, objectAt } from "../core/json.ts";
import { type CallOptions, CallTracker } from "./openai_call.ts";
import { KeepsakeCollector } from "./openai_keepsake.ts";
import { readFinishReason, repairText } from "./openai_part.ts";

/** Follows one choice of a stream. */
export class ChoiceTracker {
  readonly #index: number;
  readonly #calls: CallTracker;
  readonly #collector = new KeepsakeCollector();
  #hasRole = false;
  #isFinished = false;

  /** Starts the choice with this index. */
  constructor(index: number, options: CallOptions) {
    this.#index = index;
    this.#calls = new CallTracker(options);
  }

  /** Whether its finish reason was seen. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Whether one of its calls never got a name. */
  get hasNamelessCall(): boolean {
    return this.#calls.hasNamelessCall;
  }

  /** What the vendor needs back of it; null: nothing. */
  get keepsake(): JsonObject | null {
    for (const [id, extra] of this.#calls.extras) this.#collector.addCall(id, extra);
    return this.#collector.keepsake;
  }

  /**
   * The choices, in order, that say what this one says: usually one, the same object when it is
   * right as it came; none after its finish, which some servers repeat.
   */
  repair(source: JsonObject): readonly JsonObject[] {
    if (this.#isFinished) return [];
    const said = objectAt(source, "delta") ?? {};
    this.#collector.addDelta(said);
    const delta = this.#repairDelta(said);
    const reason = readFinishReason(source["finish_reason"], this.#calls.hasCalls);
    const isSame = source["delta"] === delta && source["index"] === this.#index &&
      source["finish_reason"] === reason;
    const choice = isSame ? source : { ...source, ...this.#choiceOf(delta, reason) };
    return reason === null ? [choice] : this.#finish(choice, reason);
  }

  /** The choices that end this one when the stream ended without a finish reason. */
  conclude(): readonly JsonObject[] {
    if (this.#isFinished) return [];
    return this.#finish(this.#choiceOf({}, null), this.#calls.hasCalls ? "tool_calls" : "stop");
  }

  #choiceOf(delta: JsonObject, reason: FinishReason | null): JsonObject {
    return { "index": this.#index, "delta": delta, "finish_reason": reason };
  }

  #finish(choice: JsonObject, reason: FinishReason): readonly JsonObject[] {
    this.#isFinished = true;
    // The arguments of a call that was cut are unknown, not empty.
    const missing = this.#calls.complete(reason !== "tool_calls");
    const end = this.#choiceOf({}, reason);
    if (missing.length === 0) return choice["finish_reason"] === reason ? [choice] : [end];
    const rest = this.#choiceOf({ "tool_calls": missing }, null);
    const isBare = Object.keys(objectAt(choice, "delta") ?? {}).length === 0;
    return isBare
      ? [rest, { ...choice, "finish_reason": reason }]
      : [{ ...choice, "finish_reason": null }, rest, end];
  }

  #repairDelta(source: JsonObject): JsonObject {
    const changes: Record<string, JsonValue | undefined> = {};
    const text = repairText(source);
    const role = this.#hasRole ? undefined : "assistant";
    this.#hasRole = true;
    const isRoleRight = text["role"] === "assistant" || (text["role"] ?? undefined) === role;
    if (!isRoleRight || text["role"] === null) changes["role"] = role;
    const content = text["content"] ?? null;
    if (content !== null && typeof content !== "string") changes["content"] = undefined;
    if (text["tool_calls"] !== undefined) {
      const calls = this.#calls.repair(arrayAt(text, "tool_calls"));
      const kept = calls.length === 0 ? undefined : calls;
      if (kept !== text["tool_calls"]) changes["tool_calls"] = kept;
    }
    return Object.keys(changes).length === 0 ? text : { ...text, ...changes };
  }
}
