/** What is noted of one request while it runs, and the ledger's entry of it. */

import { explainPlan, explainRefusal, ruleOfRefusal } from "../core/explain.ts";
import { recordDecision } from "../core/decision_record.ts";
import type { AttemptOutcome } from "../core/outcome.ts";
import type { RouteRefusal } from "../core/plan.ts";
import type { AttemptRecord, LedgerEntry, RequestRecord } from "../ledger/ledger.ts";
import { Ending, NOT_ASKED, noteFacts } from "./entry.ts";
import type { RunInput } from "./input.ts";
import type { AttemptTrace } from "./trace.ts";

/** Notes of one request; `close` makes exactly one ledger entry of them, however the request ended. */
export class Journal {
  /** How it ends. */
  readonly ending = new Ending();
  readonly #input: RunInput;
  readonly #attempts: AttemptRecord[] = [];
  #running: AttemptTrace | null = null;
  #commit: { readonly seq: number; readonly atMs: number } | null = null;
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

  /** Notes that this attempt's answer begins to reach the client: from now on the model is settled. */
  noteCommit({ seq }: AttemptTrace): void {
    this.#commit ??= { seq, atMs: performance.now() - this.#input.clock.startedAt };
  }

  /** Notes that the client got the whole answer of this alias. */
  noteServed(alias: string): void {
    this.ending.noteServed();
    this.#finalModel = alias;
  }

  /** The entry of the request, which ends now. */
  close(): LedgerEntry {
    this.endAttempt({ type: "cancelled" });
    const { plan, features, table, isHeadSent } = this.#input;
    const commit = this.#commit;
    const attempts = this.#attempts.map((attempt) =>
      attempt.seq === commit?.seq ? { ...attempt, committedMs: commit.atMs } : attempt
    );
    const request: RequestRecord = {
      ...factsOf(this.#input),
      routeRule: plan.ruleName,
      primaryModel: plan.candidates[0]?.model.alias ?? "",
      finalModel: this.#finalModel,
      status: this.ending.status,
      httpStatus: isHeadSent() ? 200 : this.ending.httpStatus,
      inputTokens: sum(attempts, (attempt) => attempt.inputTokens),
      outputTokens: sum(attempts, (attempt) => attempt.outputTokens),
      cachedTokens: sum(attempts, (attempt) => attempt.cachedTokens),
      costUsd: sumCosts(attempts),
      ttftMs: features.isStreamed ? commit?.atMs ?? null : null,
      explanation: explainPlan(plan, { features, table }),
    };
    return { request, attempts };
  }
}

/** A request that was not routed. */
export interface RefusedRequest
  extends
    Pick<RunInput, "requestId" | "request" | "features" | "table" | "conversation" | "clock"> {
  readonly refusal: RouteRefusal;
  /** The status that the client gets. */
  readonly httpStatus: number;
}

/** The entry of a request that was not routed: no attempts, and why. */
export function createRefusedEntry(refused: RefusedRequest): LedgerEntry {
  const { refusal, features, table, httpStatus } = refused;
  const explanation = explainRefusal(refusal, { features, table });
  const request: RequestRecord = {
    ...factsOf(refused),
    ...NOT_ASKED,
    routeRule: ruleOfRefusal(refusal),
    httpStatus,
    explanation,
  };
  return { request, attempts: [] };
}

/** Characters that are kept of a conversation's key. */
const CONVERSATION_CHARS = 12;

/** What is known of a request however it ends, its difficulty included. */
function factsOf(
  { requestId, request, features, clock, table, conversation }: Pick<
    RunInput,
    "requestId" | "request" | "features" | "clock" | "table" | "conversation"
  >,
):
  & ReturnType<typeof noteFacts>
  & Pick<RequestRecord, "difficulty" | "difficultyScore" | "features"> {
  const { isStreamed, difficulty: { tier, score } } = features;
  const facts = noteFacts({ requestId, clock, name: request.model, isStreamed });
  // It tells conversations apart, and is no more than that.
  const short = conversation?.slice(0, CONVERSATION_CHARS) ?? null;
  const record = recordDecision(features, { table, conversation: short });
  return { ...facts, difficulty: tier, difficultyScore: score, features: record };
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
