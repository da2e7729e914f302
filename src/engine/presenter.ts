/** Puts what candidates answer into the one response that the client gets. */

import { completeAnswer, completeChunk } from "../core/answer.ts";
import { type ChatAnswer, type ChatChunk, wantsUsage } from "../core/chat.ts";
import { toLegacyAnswer, toLegacyChunk, wantsLegacyCalls } from "../core/legacy_answer.ts";
import type { RouterError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { completeUsage, writeUsage } from "../core/usage.ts";
import type { Journal } from "./journal.ts";
import type { RunInput } from "./input.ts";
import type { AttemptTrace } from "./trace.ts";

/** What the response's head says. */
export interface RunHead {
  /** The alias that answers. */
  readonly alias: string;
  readonly ruleName: string;
  /** Attempts so far, this one included. */
  readonly attemptCount: number;
  /** Fields of the request that the answering dialect has no word for. */
  readonly dropped: readonly string[];
}

/**
 * What the client is to be given: one head, then chunks or an answer; or an error, which stands
 * alone before the head and ends the stream after it. Nothing at all when the client has left.
 */
export type RunEvent =
  | { readonly type: "head"; readonly head: RunHead }
  | { readonly type: "chunks"; readonly chunks: readonly ChatChunk[] }
  | { readonly type: "answer"; readonly answer: ChatAnswer }
  | {
    readonly type: "error";
    readonly error: RouterError;
    readonly ruleName: string;
    readonly attemptCount: number;
  };

/** Who answers. */
export interface Answering {
  readonly trace: AttemptTrace;
  readonly dropped: readonly string[];
}

/** Makes the events of one request, and notes in its journal what the client was given. */
export class Presenter {
  readonly #input: RunInput;
  readonly #journal: Journal;
  readonly #id: string;
  readonly #created: number;
  /** Whether the client reads calls in the older form. */
  readonly #isLegacy: boolean;
  /** The choices whose role the client has been told. */
  readonly #spoken = new Set<number>();
  #hasHead = false;

  /** Presents the answer to this request. */
  constructor(input: RunInput, journal: Journal) {
    this.#input = input;
    this.#journal = journal;
    this.#id = `chatcmpl-${input.requestId}`;
    this.#isLegacy = wantsLegacyCalls(input.request);
    this.#created = Math.floor(input.clock.ts / 1_000);
  }

  /** Seconds since 1970: `created` of all that the client sees. */
  get created(): number {
    return this.#created;
  }

  /** The chunks, with the head before the first ones. */
  *showChunks(chunks: readonly ChatChunk[], answering: Answering): Generator<RunEvent, void, void> {
    yield* this.#showHead(answering);
    const { alias } = answering.trace.candidate.model;
    yield {
      type: "chunks",
      chunks: chunks.map((chunk) => this.#sign(this.#shapeChunk(chunk), alias)),
    };
  }

  #shapeChunk(chunk: ChatChunk): ChatChunk {
    const whole = completeChunk(this.#nameRoleOnce(chunk));
    return this.#isLegacy ? toLegacyChunk(whole) : whole;
  }

  /** The role belongs into a choice's first chunk and no other: SDKs add texts of deltas up. */
  #nameRoleOnce(chunk: ChatChunk): ChatChunk {
    const isRight = chunk.choices.every(({ index, delta }) =>
      (delta.role !== undefined) !== this.#spoken.has(index)
    );
    const choices = isRight ? chunk.choices : chunk.choices.map((choice) => {
      const { role: _, ...delta } = choice.delta;
      if (this.#spoken.has(choice.index)) return { ...choice, "delta": delta };
      return { ...choice, "delta": { "role": "assistant" as const, ...delta } };
    });
    for (const { index } of choices) this.#spoken.add(index);
    return isRight ? chunk : { ...chunk, "choices": choices };
  }

  /** The end of a streamed answer: its usage, if the client asked for that. */
  *endChunks({ trace }: Answering): Generator<RunEvent, void, void> {
    const { alias } = trace.candidate.model;
    const usage = usageOf(trace, trace.wireUsage);
    if (usage !== null && wantsUsage(this.#input.request)) {
      yield { type: "chunks", chunks: [this.#usageChunk(alias, usage)] };
    }
    this.#journal.noteServed(alias);
  }

  /** An error, with what led to it. */
  showError(error: RouterError): RunEvent {
    const { ruleName } = this.#input.plan;
    return { type: "error", error, ruleName, attemptCount: this.#journal.attemptCount };
  }

  /** A whole answer. An upstream that counts nothing is given an estimate of its usage. */
  *showAnswer(answer: ChatAnswer, answering: Answering): Generator<RunEvent, void, void> {
    yield* this.#showHead(answering);
    const { trace } = answering;
    this.#journal.noteCommit(trace);
    const { alias } = trace.candidate.model;
    const whole = completeAnswer(answer);
    const { usage: given, ...rest } = this.#isLegacy ? toLegacyAnswer(whole) : whole;
    const usage = usageOf(trace, given ?? null);
    const shown = usage === null ? rest : { ...rest, "usage": usage };
    yield { type: "answer", answer: this.#sign(shown, alias) };
    this.#journal.noteServed(alias);
  }

  *#showHead({ trace, dropped }: Answering): Generator<RunEvent, void, void> {
    if (this.#hasHead) return;
    this.#hasHead = true;
    this.#journal.ending.noteHead();
    const { alias } = trace.candidate.model;
    const { ruleName } = this.#input.plan;
    const { attemptCount } = this.#journal;
    yield { type: "head", head: { alias, ruleName, attemptCount, dropped } };
  }

  #usageChunk(alias: string, usage: JsonObject): ChatChunk {
    return {
      "id": this.#id,
      "object": "chat.completion.chunk",
      "created": this.#created,
      "model": alias,
      "choices": [],
      "usage": usage,
    };
  }

  /** One id, one time and the answering alias on everything that the client sees. */
  #sign<T extends ChatChunk | ChatAnswer>(shown: T, alias: string): T {
    return { ...shown, "id": this.#id, "created": this.#created, "model": alias };
  }
}

/** The usage that the client is shown: the upstream's own, else an estimate; null when nothing was used. */
function usageOf(trace: AttemptTrace, wire: JsonObject | null): JsonObject | null {
  const own = wire === null ? null : completeUsage(wire);
  return own ?? (trace.usage === null ? null : writeUsage(trace.usage));
}
