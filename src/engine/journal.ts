/** What is noted of one request while it runs, and the ledger's entry of it. */

import { explainPlan, explainRefusal, ruleOfRefusal } from "../core/explain.ts";
import type { AttemptOutcome } from "../core/outcome.ts";
import type { RouteRefusal } from "../core/route.ts";
import type { AttemptRecord, LedgerEntry, RequestRecord, RequestStatus } from "../ledger/ledger.ts";
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
  #commit: { readonly seq: number; readonly atMs: number } | null = null;
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
    this.#attempts.push(this.#running.toRecord(outcome, this.#input.clock.startedAt));
    this.#running = null;
  }

  /** Notes that the response's head was given to the client. */
  noteHead(): void {
    this.#httpStatus = 200;
  }

  /** Notes that this attempt's answer begins to reach the client: from now on the model is settled. */
  noteCommit({ seq }: AttemptTrace): void {
    this.#commit ??= { seq, atMs: performance.now() - this.#input.clock.startedAt };
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
    const { plan, features, snapshot, isHeadSent } = this.#input;
    const commit = this.#commit;
    const attempts = this.#attempts.map((attempt) =>
      attempt.seq === commit?.seq ? { ...attempt, committedMs: commit.atMs } : attempt
    );
    const request: RequestRecord = {
      ...factsOf(this.#input),
      routeRule: plan.ruleName,
      primaryModel: plan.candidates[0]?.model.alias ?? "",
      finalModel: this.#finalModel,
      status: this.#status,
      httpStatus: isHeadSent() ? 200 : this.#httpStatus,
      inputTokens: sum(attempts, (attempt) => attempt.inputTokens),
      outputTokens: sum(attempts, (attempt) => attempt.outputTokens),
      cachedTokens: sum(attempts, (attempt) => attempt.cachedTokens),
      costUsd: sumCosts(attempts),
      ttftMs: features.isStreamed ? commit?.atMs ?? null : null,
      explanation: explainPlan(plan, { features, table: snapshot.routes }),
    };
    return { request, attempts };
  }
}

/** A request that was not routed. */
export interface RefusedRequest
  extends Pick<RunInput, "requestId" | "request" | "features" | "snapshot" | "clock"> {
  readonly refusal: RouteRefusal;
  /** The status that the client gets. */
  readonly httpStatus: number;
}

/** The entry of a request that was not routed: no attempts, and why. */
export function createRefusedEntry(refused: RefusedRequest): LedgerEntry {
  const { refusal, features, snapshot, httpStatus } = refused;
  const explanation = explainRefusal(refusal, { features, table: snapshot.routes });
  const request: RequestRecord = {
    ...factsOf(refused),
    routeRule: ruleOfRefusal(refusal),
    primaryModel: "",
    finalModel: null,
    status: "error",
    httpStatus,
    inputTokens: 0,
    outputTokens: 0,
    cachedTokens: 0,
    costUsd: 0,
    ttftMs: null,
    explanation,
  };
  return { request, attempts: [] };
}

type RequestFacts = Pick<
  RequestRecord,
  "id" | "ts" | "requestedModel" | "difficulty" | "difficultyScore" | "stream" | "latencyMs"
>;

/** What is known of a request however it ends; it ends now. */
function factsOf(
  { requestId, request, features, clock }: Pick<
    RunInput,
    "requestId" | "request" | "features" | "clock"
  >,
): RequestFacts {
  return {
    id: requestId,
    ts: clock.ts,
    requestedModel: request.model.slice(0, MAX_NAME_CHARS),
    difficulty: features.difficulty.tier,
    difficultyScore: features.difficulty.score,
    stream: features.isStreamed,
    latencyMs: performance.now() - clock.startedAt,
  };
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
