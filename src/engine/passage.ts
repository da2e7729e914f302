/** One request that is passed to one provider, and one ledger entry. */

import type { ClientLimit } from "../core/client_limit.ts";
import { errorOfAttempts, errorOfStream, ROUTER_ERRORS, type RouterError } from "../core/errors.ts";
import { cleanFault } from "../core/fault_text.ts";
import { COOLDOWN_RULES } from "../core/health.ts";
import type { JsonObject } from "../core/json.ts";
import type { AttemptOutcome, UpstreamFault } from "../core/outcome.ts";
import { showPassageChunk, signPassage } from "../core/passage_answer.ts";
import type { PassageTarget } from "../core/passage_target.ts";
import type { LedgerSink } from "../ledger/ledger.ts";
import { createDeadline, type Deadline } from "./deadline.ts";
import { Ending } from "./entry.ts";
import { exchangePassage, type PassageStep } from "./passage_exchange.ts";
import { createPassageEntry, expectedInputCost, type PassageFacts } from "./passage_record.ts";
import type { RunEvent } from "./presenter.ts";
import { withSlot } from "./slot_use.ts";
import type { Snapshot } from "./snapshot.ts";
import { AttemptTrace } from "./trace.ts";

/** What a passage starts from. */
export interface PassageInput extends PassageFacts {
  readonly target: PassageTarget;
  readonly snapshot: Snapshot;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  /** Aborts when the daemon can wait no longer. */
  readonly closing: AbortSignal;
  readonly ledger: LedgerSink;
  /** How long the client waits for its response; null when it doesn't say. */
  readonly clientLimit: ClientLimit | null;
  /** Whether the client has been given a head (status 200) before there was an event for it. */
  readonly isHeadSent: () => boolean;
}

/** What the client is to be given, as `RunEvent` has it, in the endpoint's own form. */
export type PassageEvent =
  | Extract<RunEvent, { readonly type: "head" | "error" }>
  | { readonly type: "chunks"; readonly chunks: readonly JsonObject[] }
  | { readonly type: "answer"; readonly answer: JsonObject };

/** Passes one request on. The ledger gets its entry when this ends, however it ends. */
export async function* runPassage(
  input: PassageInput,
): AsyncGenerator<PassageEvent, void, void> {
  const passage = new Passage(input);
  try {
    yield* passage.events();
  } catch (error) {
    passage.ending.noteDefect();
    throw error;
  } finally {
    passage.close();
  }
}

class Passage {
  /** How it ends for the client. */
  readonly ending = new Ending();
  readonly #input: PassageInput;
  readonly #trace: AttemptTrace;
  readonly #attemptId: number;
  /** Aborts when the client leaves or the daemon can wait no longer. */
  readonly #signal: AbortSignal;
  readonly #deadline: Deadline | null;
  #dropped: readonly string[] = [];
  #outcome: AttemptOutcome = { type: "cancelled" };
  #committedAt: number | null = null;

  constructor(input: PassageInput) {
    const { target: { model }, snapshot, request, clock, clientLimit } = input;
    this.#input = input;
    const expectedCostUsd = expectedInputCost(model, request);
    const candidate = { model, expectedCostUsd, caution: null, cooldown: null, rank: 0 };
    this.#trace = new AttemptTrace(candidate, { seq: 1, inputTokens: request.inputTokens });
    this.#attemptId = snapshot.health.noteAsked(model);
    this.#signal = AbortSignal.any([input.signal, input.closing]);
    this.#deadline = request.isStreamed ? null : createDeadline(clientLimit, clock.startedAt);
  }

  async *events(): AsyncGenerator<PassageEvent, void, void> {
    for await (const step of this.#steps()) {
      if (step.type === "sent") this.#dropped = step.dropped;
      if (step.type === "chunks") yield* this.#showChunks(step.chunks);
      if (step.type === "answer") yield* this.#showAnswer(step.answer);
      if (step.type === "done" || step.type === "answer") this.#noteServed();
      if (step.type === "fault") yield this.#fail(step.fault);
      if (step.type === "cancelled" && !this.#input.signal.aborted) yield this.#stop();
    }
  }

  /** Tells the ledger, and those who route the next requests, how it went. */
  close(): void {
    this.#report();
    const { isHeadSent, target, ledger } = this.#input;
    ledger.record(createPassageEntry(this.#input, {
      target,
      trace: this.#trace,
      outcome: this.#outcome,
      status: this.ending.status,
      httpStatus: isHeadSent() ? 200 : this.ending.httpStatus,
      committedAt: this.#committedAt,
    }));
  }

  #steps(): AsyncGenerator<PassageStep, void, void> {
    const { request, snapshot, target: { model } } = this.#input;
    const wish = { model, snapshot, signal: this.#signal, deadline: this.#deadline };
    return withSlot(wish, (use) =>
      exchangePassage({
        ...use,
        request,
        model,
        isListed: this.#isListed,
        trace: this.#trace,
        deadline: this.#deadline,
      }));
  }

  get #isListed(): boolean {
    const { snapshot, target } = this.#input;
    return snapshot.routes.catalog.get(target.model.alias) === target.model;
  }

  *#showChunks(chunks: readonly JsonObject[]): Generator<PassageEvent, void, void> {
    const { request, snapshot: { health }, target: { model } } = this.#input;
    const { alias } = model;
    // Those who wait for what comes of it need not wait for the stream's end.
    if (this.#trace.hasFirstToken) health.noteSuccess(model, this.#trace.startedAt);
    const shown = chunks.map((chunk) => showPassageChunk(chunk, { request, alias }))
      .filter((chunk) => chunk !== null);
    if (shown.length === 0) return;
    yield* this.#showHead();
    yield { type: "chunks", chunks: shown };
  }

  *#showAnswer(answer: JsonObject): Generator<PassageEvent, void, void> {
    yield* this.#showHead();
    yield { type: "answer", answer: signPassage(answer, this.#input.target.model.alias) };
  }

  *#showHead(): Generator<PassageEvent, void, void> {
    if (this.#committedAt !== null) return;
    this.#committedAt = performance.now();
    this.ending.noteHead();
    const { request: { endpoint: ruleName }, target: { model: { alias } } } = this.#input;
    yield { type: "head", head: { alias, ruleName, attemptCount: 1, dropped: this.#dropped } };
  }

  #noteServed(): void {
    this.#outcome = { type: "answered" };
    this.ending.noteServed();
  }

  #fail(given: UpstreamFault): PassageEvent {
    const { snapshot, request, target: { model } } = this.#input;
    const fault = cleanFault(given, snapshot.redact);
    this.#outcome = { type: "fault", fault };
    const { alias, provider, contextWindow } = model;
    const { inputTokens } = request;
    return this.#showError(
      this.#committedAt === null
        ? errorOfAttempts([{ alias, provider, contextWindow, fault }], { inputTokens })
        : errorOfStream(fault),
    );
  }

  /** The daemon ends what its client still waits for. */
  #stop(): PassageEvent {
    return this.#showError(ROUTER_ERRORS.stopping());
  }

  #showError(error: RouterError): PassageEvent {
    this.ending.noteFailed("error", error.status);
    return { type: "error", error, ruleName: this.#input.request.endpoint, attemptCount: 1 };
  }

  #report(): void {
    const { snapshot: { health }, target: { model } } = this.#input;
    const { startedAt } = this.#trace;
    const outcome = this.#outcome;
    const attemptId = this.#attemptId;
    if (outcome.type === "answered") return health.noteSuccess(model, startedAt);
    if (outcome.type === "fault" && this.#isOfInterest(outcome.fault)) {
      return health.noteFault(model, { fault: outcome.fault, startedAt, attemptId });
    }
    health.noteAbandoned(model, attemptId);
  }

  /** Of models that are known by a client's name alone nothing is kept; of their providers it is. */
  #isOfInterest({ kind }: UpstreamFault): boolean {
    return this.#isListed || COOLDOWN_RULES[kind]?.scope === "provider";
  }
}
