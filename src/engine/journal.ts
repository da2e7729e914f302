/** What is noted of one request while it runs, and the ledger's entry of it. */

import type { AttemptOutcome } from "../core/outcome.ts";
import type { AttemptRecord, LedgerEntry, RequestStatus } from "../ledger/ledger.ts";
import type { RunInput } from "./input.ts";
import type { AttemptTrace } from "./trace.ts";

/** The status that is noted for a client that left before it got one (nginx's convention). */
const CLIENT_LEFT = 499;

/** The most characters that are kept of the name which a client sent. */
const MAX_NAME_CHARS = 200;

/** Notes of one request; `close` makes exactly one ledger entry of them, however the request ended. */
export class Journal {
  readonly #input: RunInput;
  readonly #attempts: AttemptRecord[] = [];
  #running: AttemptTrace | null = null;
  #firstTokenAt: number | null = null;
  #httpStatus = CLIENT_LEFT;
  #status: RequestStatus = "cancelled";
  #finalModel: string | null = null;

  /** Starts the notes of a request. */
  constructor(input: RunInput) {
    this.#input = input;
  }

  /** The attempts so far, the running one included. */
  get attemptCount(): number {
    return this.#attempts.length + (this.#running === null ? 0 : 1);
  }

  /** Notes that an attempt begins. */
  beginAttempt(trace: AttemptTrace): void {
    this.#running = trace;
  }

  /** Notes how the running attempt ended. */
  endAttempt(outcome: AttemptOutcome): void {
    if (this.#running === null) return;
    this.#attempts.push(this.#running.toRecord(outcome));
    this.#running = null;
  }

  /** Notes that the response's head was given to the client. */
  noteHead(): void {
    this.#httpStatus = 200;
  }

  /** Notes that the first token was given to the client. */
  noteFirstToken(): void {
    this.#firstTokenAt ??= performance.now();
  }

  /** Notes that the client got the whole answer of this alias. */
  noteServed(alias: string): void {
    this.#status = "ok";
    this.#finalModel = alias;
  }

  /** Notes that the client got an error; its status counts only when no head went before it. */
  noteFailed(status: "error" | "exhausted", httpStatus: number): void {
    this.#status = status;
    if (this.#httpStatus === CLIENT_LEFT) this.#httpStatus = httpStatus;
  }

  /** The entry of the request, which ends now. */
  close(): LedgerEntry {
    this.endAttempt({ type: "cancelled" });
    const { plan, features, request, requestId, clock, isHeadSent } = this.#input;
    const attempts = this.#attempts;
    return {
      request: {
        id: requestId,
        ts: clock.ts,
        requestedModel: request.model.slice(0, MAX_NAME_CHARS),
        routeRule: plan.ruleName,
        difficulty: features.difficulty.tier,
        primaryModel: plan.candidates[0]?.model.alias ?? "",
        finalModel: this.#finalModel,
        status: this.#status,
        httpStatus: isHeadSent() ? 200 : this.#httpStatus,
        stream: features.isStreamed,
        inputTokens: sum(attempts, (attempt) => attempt.inputTokens),
        outputTokens: sum(attempts, (attempt) => attempt.outputTokens),
        cachedTokens: sum(attempts, (attempt) => attempt.cachedTokens),
        costUsd: sumCosts(attempts),
        latencyMs: performance.now() - clock.startedAt,
        ttftMs: this.#firstTokenAt === null ? null : this.#firstTokenAt - clock.startedAt,
      },
      attempts,
    };
  }
}

function sum(
  attempts: readonly AttemptRecord[],
  read: (attempt: AttemptRecord) => number | null,
): number {
  return attempts.reduce((total, attempt) => total + (read(attempt) ?? 0), 0);
}

/** The cost of all attempts; null as soon as one used tokens at an unknown price. */
function sumCosts(attempts: readonly AttemptRecord[]): number | null {
  const used = attempts.filter((attempt) => attempt.usageSource !== null);
  if (used.some((attempt) => attempt.costUsd === null)) return null;
  return sum(used, (attempt) => attempt.costUsd);
}
