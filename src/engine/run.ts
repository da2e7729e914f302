/** One routed request: attempts until one is served, and one ledger entry. */

import { isCutEmpty } from "../core/answer.ts";
import {
  candidateAfterWeak,
  checksFor,
  type EndedAttempt,
  hasChecks,
  isFinalFault,
  judgeAnswer,
  nextStep,
  type WeaknessChecks,
} from "../core/cascade.ts";
import { type ChatAnswer, type ChatChunk, isStreamed } from "../core/chat.ts";
import { errorOfAttempts, errorOfStream, ROUTER_ERRORS } from "../core/errors.ts";
import type { Cooldown } from "../core/health.ts";
import type { AttemptOutcome } from "../core/outcome.ts";
import type { Candidate } from "../core/plan.ts";
import { type AttemptInput, runAttempt } from "./attempt.ts";
import { createDeadline, type Deadline, leftMsOf, shareDeadline } from "./deadline.ts";
import { brokenOutcome } from "./exchange.ts";
import { EMPTY_FAULT, Hold } from "./hold.ts";
import type { RunInput } from "./input.ts";
import { Journal } from "./journal.ts";
import { type Answering, Presenter, type RunEvent } from "./presenter.ts";
import { noteSession } from "./session_answer.ts";
import { AttemptTrace } from "./trace.ts";
import { waitFor } from "./wait.ts";

/** What is kept of an attempt's answer until it is served or let go. */
type Kept =
  | { readonly type: "chunks"; readonly chunks: readonly ChatChunk[] }
  | { readonly type: "answer"; readonly answer: ChatAnswer };

interface RunAttempt extends EndedAttempt, Answering {
  readonly kept: Kept | null;
}

/** An attempt that begins. */
interface Begun {
  /** The position of its candidate in the plan. */
  readonly position: number;
  readonly trace: AttemptTrace;
  /** Its number among the attempts that `Health` knows. */
  readonly attemptId: number;
  readonly input: AttemptInput;
}

type Events<Result> = AsyncGenerator<RunEvent, Result, void>;

/** Runs the cascade of one request. The ledger gets its entry when this ends, however it ends. */
export async function* runRoute(input: RunInput): Events<void> {
  const run = new Run(input);
  try {
    yield* run.events();
  } catch (error) {
    run.journal.ending.noteDefect();
    throw error;
  } finally {
    run.leave();
    const entry = run.journal.close();
    noteSession(input, entry);
    input.ledger.record(entry);
  }
}

class Run {
  readonly journal: Journal;
  readonly #input: RunInput;
  readonly #presenter: Presenter;
  readonly #checks: WeaknessChecks;
  /** Aborts when the client leaves or the daemon can wait no longer. */
  readonly #signal: AbortSignal;
  readonly #attempts: RunAttempt[] = [];
  #running: Begun | null = null;
  /** When a whole answer must be there. */
  readonly #deadline: Deadline | null;
  /** Milliseconds that were waited for cool-downs: since the last attempt, and in all. */
  #pausedMs = 0;
  #waitedMs = 0;

  constructor(input: RunInput) {
    this.#input = input;
    this.journal = new Journal(input);
    this.#presenter = new Presenter(input, this.journal);
    this.#checks = checksFor(input.request, input.snapshot.config.cascade);
    this.#signal = AbortSignal.any([input.signal, input.closing]);
    const { clientLimit, clock } = input;
    // A stream shows its client in time that it lives, and may then take as long as it takes.
    this.#deadline = isStreamed(input.request)
      ? null
      : createDeadline(clientLimit, clock.startedAt);
  }

  async *events(): Events<void> {
    const { plan, snapshot, request } = this.#input;
    const settings = snapshot.config.cascade;
    const cooldownOf = (candidate: number) => this.#cooldownOf(candidate);
    for (;;) {
      const patienceMs = Math.min(settings.maxWaitMs - this.#waitedMs, leftMsOf(this.#deadline));
      const step = nextStep(plan, { settings, attempts: this.#attempts, cooldownOf, patienceMs });
      if (step.type === "stop") return yield* this.#stop();
      if (step.type === "fail") return yield this.#fail();
      if (step.type === "serve") return yield* this.#serve(this.#attempts[step.attempt]);
      if (step.waitMs > 0) {
        await this.#wait(step.waitMs);
        if (this.#signal.aborted) return yield* this.#stop();
        continue; // who was waited for may cool down again by now, or have been tried by another
      }
      const begun = this.#begin(step.candidate);
      this.#running = begun;
      const attempt = isStreamed(request) ? yield* this.#stream(begun) : await this.#ask(begun);
      this.#running = null;
      this.#attempts.push(attempt);
      this.#report(begun, attempt.outcome);
    }
  }

  /** Ends the attempt that nobody waits for any more, if there is one. */
  leave(): void {
    if (this.#running !== null) this.#report(this.#running, { type: "cancelled" });
  }

  #cooldownOf(position: number): Cooldown | null {
    const { plan, snapshot } = this.#input;
    const model = plan.candidates[position]?.model;
    return model === undefined ? null : snapshot.health.cooldownOf(model);
  }

  /** Tells those who route the next requests how the attempt went. */
  #report({ trace, attemptId }: Begun, outcome: AttemptOutcome): void {
    const { snapshot: { health, pace, adequacy }, features, clock: { ts } } = this.#input;
    const { candidate: { model }, startedAt } = trace;
    if (trace.isJudged(outcome)) {
      const { score } = features.difficulty;
      adequacy.note(model, { score, isAdequate: outcome.type === "answered", ts });
    }
    if (outcome.type === "fault") {
      const { fault } = outcome;
      health.noteFault(model, { fault, startedAt, attemptId });
      const isLate = fault.kind === "timeout" && fault.isOurs !== true;
      if (isLate && !trace.hasFirstToken) pace.forget(model);
    } else if (outcome.type === "cancelled") health.noteAbandoned(model, attemptId);
    else health.noteSuccess(model, startedAt);
  }

  /** A client that has left gets nothing more; one whose answer the daemon ends is told so. */
  *#stop(): Generator<RunEvent, void, void> {
    const { signal, closing } = this.#input;
    const isCommitted = this.#attempts.at(-1)?.isCommitted ?? false;
    const isCutShort = !isCommitted || this.#attempts.at(-1)?.outcome.type === "cancelled";
    if (!isCutShort || signal.aborted || !closing.aborted) return;
    const error = ROUTER_ERRORS.stopping();
    this.journal.ending.noteFailed("error", error.status);
    yield this.#presenter.showError(error);
  }

  /** One attempt whose whole answer is waited for. */
  async #ask({ position, trace, input }: Begun): Promise<RunAttempt> {
    let dropped: readonly string[] = [];
    let kept: Kept | null = null;
    let outcome: AttemptOutcome = { type: "cancelled" };
    for await (const event of runAttempt(input, trace)) {
      if (event.type === "sent") dropped = event.dropped;
      if (event.type === "answer") {
        kept = event;
        outcome = this.#judge(event.answer, position);
      }
      outcome = brokenOutcome(event, this.#input.snapshot.redact) ?? outcome;
    }
    this.journal.endAttempt(outcome);
    return { candidate: position, outcome, isCommitted: false, trace, dropped, kept };
  }

  #judge(answer: ChatAnswer, position: number): AttemptOutcome {
    if (isCutEmpty(answer) && !this.#isLast(position)) return { type: "fault", fault: EMPTY_FAULT };
    const reason = judgeAnswer(answer, this.#checks);
    if (reason === null) return { type: "answered" };
    const textLength = answer.choices[0]?.message.content?.length ?? 0;
    return { type: "weak", reason, textLength, isWhole: true };
  }

  /** One streamed attempt, shown to the client from the gate's commit on. */
  async *#stream({ position, trace, input }: Begun): Events<RunAttempt> {
    const { health } = this.#input.snapshot;
    const hold = this.#createHold(position);
    let dropped: readonly string[] = [];
    let outcome: AttemptOutcome = { type: "cancelled" };
    for await (const event of runAttempt(input, trace)) {
      if (event.type === "sent") dropped = event.dropped;
      if (event.type === "done") outcome = hold.conclude();
      outcome = brokenOutcome(event, this.#input.snapshot.redact) ?? outcome;
      if (event.type !== "chunks") continue;
      // Those who wait for what comes of it need not wait for the stream's end.
      if (trace.hasFirstToken) health.noteSuccess(trace.candidate.model, trace.startedAt);
      const { shown, escalate } = hold.take(event.chunks);
      if (escalate !== null) {
        outcome = escalate;
        break;
      }
      if (hold.isCommitted) this.journal.noteCommit(trace);
      if (shown.length > 0) yield* this.#presenter.showChunks(shown, { trace, dropped });
    }
    this.journal.endAttempt(outcome);
    const { isCommitted } = hold;
    if (isCommitted) yield* this.#endCommitted(outcome, { trace, dropped });
    const kept: Kept = { type: "chunks", chunks: hold.held };
    return { candidate: position, outcome, isCommitted, trace, dropped, kept };
  }

  *#endCommitted(
    outcome: AttemptOutcome,
    answering: Answering,
  ): Generator<RunEvent, void, void> {
    if (outcome.type === "answered") yield* this.#presenter.endChunks(answering);
    if (outcome.type !== "fault") return;
    const error = errorOfStream(outcome.fault);
    this.journal.ending.noteFailed("error", error.status);
    yield this.#presenter.showError(error);
  }

  /** Whether a weak answer of this candidate leads to no other one. */
  #isLast(position: number): boolean {
    const asked = this.#attempts.map(({ candidate }) => candidate);
    return candidateAfterWeak(this.#input.plan, [...asked, position]) === null;
  }

  /** Whether a check looks at the answer of this candidate: a stream's last one is shown as it comes. */
  #isChecked(position: number): boolean {
    return hasChecks(this.#checks) && !(isStreamed(this.#input.request) && this.#isLast(position));
  }

  #createHold(position: number): Hold {
    const { streamHold, reasoning } = this.#input.snapshot.config.cascade;
    const isLast = this.#isLast(position);
    return new Hold({ ...this.#checks, isLast, hold: streamHold, reasoning });
  }

  /** Waits for a cool-down to end, or for the client to leave. */
  async #wait(waitMs: number): Promise<void> {
    const pausedMs = await waitFor(waitMs, this.#signal);
    this.#pausedMs += pausedMs;
    this.#waitedMs += pausedMs;
  }

  #begin(position: number): Begun {
    const { request, snapshot, requestId, features, plan } = this.#input;
    const candidate: Candidate | undefined = plan.candidates[position];
    if (candidate === undefined) throw new Error(`the plan has no candidate ${position}`);
    const { inputTokens } = features;
    const { created } = this.#presenter;
    const seq = this.#attempts.length + 1;
    const waitedMs = this.#pausedMs;
    this.#pausedMs = 0;
    const isChecked = this.#isChecked(position);
    const trace = new AttemptTrace(candidate, { seq, inputTokens, waitedMs, isChecked });
    this.journal.beginAttempt(trace);
    const attemptId = snapshot.health.noteAsked(candidate.model);
    const asked = { candidate, request, inputTokens, snapshot, requestId, created };
    const isRepeated = this.#attempts.some((attempt) => attempt.candidate === position);
    const deadline = this.#createDeadline(position);
    const input = { ...asked, isRepeated, signal: this.#signal, deadline };
    return { position, trace, attemptId, input };
  }

  /** The client's own time; where another candidate is left, so much of it that the other has a chance. */
  #createDeadline(position: number): Deadline | null {
    const { plan, snapshot } = this.#input;
    if (this.#deadline === null || !snapshot.config.cascade.onHttpError) return this.#deadline;
    const asked = new Set([...this.#attempts.map(({ candidate }) => candidate), position]);
    return asked.size < plan.candidates.length ? shareDeadline(this.#deadline) : this.#deadline;
  }

  /** Serves the kept answer of an ended attempt. */
  *#serve(attempt: RunAttempt | undefined): Generator<RunEvent, void, void> {
    if (attempt === undefined || attempt.kept === null) throw new Error("no answer was kept");
    const { kept } = attempt;
    if (kept.type === "answer") return yield* this.#presenter.showAnswer(kept.answer, attempt);
    this.journal.noteCommit(attempt.trace);
    yield* this.#presenter.showChunks(kept.chunks, attempt);
    yield* this.#presenter.endChunks(attempt);
  }

  #fail(): RunEvent {
    const failures = this.#attempts.flatMap(({ outcome, trace }) => {
      const { alias, provider, contextWindow } = trace.candidate.model;
      if (outcome.type !== "fault" && outcome.type !== "weak") return [];
      const fault = outcome.type === "fault" ? outcome.fault : null;
      return [{ alias, provider, contextWindow, fault }];
    });
    const { inputTokens } = this.#input.features;
    const error = errorOfAttempts(failures, { inputTokens });
    const last = failures.at(-1);
    const isFinal = last?.fault ? isFinalFault(last.fault) : false;
    this.journal.ending.noteFailed(isFinal ? "error" : "exhausted", error.status);
    return this.#presenter.showError(error);
  }
}
