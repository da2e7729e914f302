/** One request that is passed to one provider, and one ledger entry. */

import type { ClientLimit } from "../core/client_limit.ts";
import { errorOfAttempts, errorOfStream, ROUTER_ERRORS, type RouterError } from "../core/errors.ts";
import { cleanFault } from "../core/fault_text.ts";
import { COOLDOWN_RULES } from "../core/health.ts";
import type { JsonObject } from "../core/json.ts";
import type { AttemptOutcome, UpstreamFault } from "../core/outcome.ts";
import { showPassageChunk, signPassage } from "../core/passage_answer.ts";
import type { PassageTarget } from "../core/passage_target.ts";
import type { Provider } from "../core/provider.ts";
import type { LedgerSink, RequestStatus } from "../ledger/ledger.ts";
import { ADAPTERS } from "../providers/mod.ts";
import { Watchdog } from "../providers/watchdog.ts";
import { queueFullFault } from "./attempt.ts";
import { createDeadline, type Deadline } from "./deadline.ts";
import { exchangePassage, type PassageStep } from "./passage_exchange.ts";
import { createPassageEntry, expectedInputCost, type PassageFacts } from "./passage_record.ts";
import type { RunEvent } from "./presenter.ts";
import type { ProviderLink, Snapshot } from "./snapshot.ts";
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
    passage.noteDefect();
    throw error;
  } finally {
    passage.close();
  }
}

/** The statuses of a client that left before it got one (nginx's), and of a defect of pirouter. */
const CLIENT_LEFT = 499;
const DEFECT_STATUS = 500;

class Passage {
  readonly #input: PassageInput;
  readonly #provider: Provider;
  readonly #link: ProviderLink;
  readonly #trace: AttemptTrace;
  readonly #attemptId: number;
  /** Aborts when the client leaves or the daemon can wait no longer. */
  readonly #signal: AbortSignal;
  readonly #deadline: Deadline | null;
  #dropped: readonly string[] = [];
  #outcome: AttemptOutcome = { type: "cancelled" };
  #status: RequestStatus = "cancelled";
  #httpStatus = CLIENT_LEFT;
  #committedAt: number | null = null;

  constructor(input: PassageInput) {
    const { target: { model }, snapshot, request, clock, clientLimit } = input;
    const provider = snapshot.config.providers.get(model.provider);
    const link = snapshot.links.get(model.provider);
    if (provider === undefined || link === undefined) {
      throw new Error(`model "${model.alias}" has no provider "${model.provider}"`);
    }
    this.#input = input;
    this.#provider = provider;
    this.#link = link;
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
      status: this.#status,
      httpStatus: isHeadSent() ? 200 : this.#httpStatus,
      committedAt: this.#committedAt,
    }));
  }

  noteDefect(): void {
    this.#noteFailed(DEFECT_STATUS);
  }

  /** The steps of the exchange, once the provider has a slot for it. */
  async *#steps(): AsyncGenerator<PassageStep, void, void> {
    const slot = await this.#link.slots.take(this.#signal, this.#deadline);
    if (slot.type === "cancelled") return yield slot;
    if (slot.type === "late") {
      return yield { type: "fault", fault: { ...slot.fault, isOurs: true } };
    }
    if (slot.type === "full") {
      return yield { type: "fault", fault: queueFullFault(this.#provider) };
    }
    try {
      using watchdog = new Watchdog(this.#signal);
      const { request, target: { model } } = this.#input;
      yield* exchangePassage({
        request,
        model,
        isListed: this.#isListed,
        adapter: ADAPTERS[this.#provider.kind],
        provider: this.#provider,
        link: this.#link,
        watchdog,
        trace: this.#trace,
        deadline: this.#deadline,
      });
    } finally {
      slot.release();
    }
  }

  get #isListed(): boolean {
    const { snapshot, target } = this.#input;
    return snapshot.routes.catalog.get(target.model.alias) === target.model;
  }

  *#showChunks(chunks: readonly JsonObject[]): Generator<PassageEvent, void, void> {
    const { request, target: { model: { alias } } } = this.#input;
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
    this.#httpStatus = 200;
    const { request: { endpoint: ruleName }, target: { model: { alias } } } = this.#input;
    yield { type: "head", head: { alias, ruleName, attemptCount: 1, dropped: this.#dropped } };
  }

  #noteServed(): void {
    this.#outcome = { type: "answered" };
    this.#status = "ok";
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
    this.#noteFailed(error.status);
    return { type: "error", error, ruleName: this.#input.request.endpoint, attemptCount: 1 };
  }

  #noteFailed(httpStatus: number): void {
    this.#status = "error";
    if (this.#httpStatus === CLIENT_LEFT) this.#httpStatus = httpStatus;
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
