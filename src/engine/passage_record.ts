/** The ledger's entry of a request that was passed on, or was to be. */

import { costOf, type Model } from "../core/catalog.ts";
import type { Explanation } from "../core/explain.ts";
import type { AttemptOutcome } from "../core/outcome.ts";
import type { PassageRequest } from "../core/passage.ts";
import type { PassageTarget } from "../core/passage_target.ts";
import { AUTO_MODEL } from "../core/route.ts";
import type { LedgerEntry, RequestRecord, RequestStatus } from "../ledger/ledger.ts";
import { NOT_ASKED, noteFacts, type RequestClock } from "./entry.ts";
import type { AttemptTrace } from "./trace.ts";

/** What is known of such a request from the start. */
export interface PassageFacts {
  readonly requestId: string;
  readonly request: PassageRequest;
  readonly clock: RequestClock;
}

/** How one of them went. */
export interface PassageResult {
  /** Why this model was asked, and who else could have been. */
  readonly target: PassageTarget;
  readonly trace: AttemptTrace;
  readonly outcome: AttemptOutcome;
  readonly status: RequestStatus;
  /** The HTTP status that the client got. */
  readonly httpStatus: number;
  /** When its answer began to reach the client, of the monotonic clock; null: none of it did. */
  readonly committedAt: number | null;
}

/** The entry of a request that ends now. */
export function createPassageEntry(facts: PassageFacts, result: PassageResult): LedgerEntry {
  const { request, clock: { startedAt } } = facts;
  const { trace, committedAt } = result;
  const { model } = trace.candidate;
  const committedMs = committedAt === null ? null : committedAt - startedAt;
  const record = trace.toRecord(result.outcome, startedAt);
  const attempt = { ...record, committedMs, upstreamId: record.upstreamId || null };
  const isUsed = attempt.usageSource !== null;
  return {
    request: {
      ...factsOf(facts),
      primaryModel: model.alias,
      finalModel: result.status === "ok" ? model.alias : null,
      status: result.status,
      httpStatus: result.httpStatus,
      inputTokens: attempt.inputTokens ?? 0,
      outputTokens: attempt.outputTokens ?? 0,
      cachedTokens: attempt.cachedTokens ?? 0,
      costUsd: isUsed ? attempt.costUsd : 0,
      ttftMs: request.isStreamed ? committedMs : null,
      explanation: explainTarget(result.target, trace.candidate.expectedCostUsd),
    },
    attempts: [attempt],
  };
}

/** The entry of a request that nobody was asked for. */
export function createUnpassedEntry(
  facts: PassageFacts,
  refused: { readonly message: string; readonly httpStatus: number },
): LedgerEntry {
  return {
    request: {
      ...factsOf(facts),
      ...NOT_ASKED,
      httpStatus: refused.httpStatus,
      explanation: {
        reasons: [refused.message.slice(0, MAX_REASON_CHARS).toWellFormed()],
        candidates: [],
        rejected: [],
        otherwise: null,
      },
    },
    attempts: [],
  };
}

/** US dollars that the input costs there; null when the price is unknown. */
export function expectedInputCost(model: Model, { inputTokens }: PassageRequest): number | null {
  return costOf({
    inputTokens,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    source: "estimated",
  }, model.price);
}

type PassageRule = Pick<RequestRecord, "routeRule" | "difficulty" | "difficultyScore" | "features">;

function factsOf(
  { requestId, request, clock }: PassageFacts,
): ReturnType<typeof noteFacts> & PassageRule {
  const { isStreamed, endpoint } = request;
  const name = request.model === "" ? AUTO_MODEL : request.model;
  const facts = noteFacts({ requestId, clock, name, isStreamed });
  return {
    ...facts,
    routeRule: endpoint,
    difficulty: "not judged",
    difficultyScore: null,
    features: null,
  };
}

/** The most characters that are kept of a reason. */
const MAX_REASON_CHARS = 400;

function explainTarget(
  { model: { alias }, reason, other }: PassageTarget,
  expectedCostUsd: number | null,
): Explanation {
  const instead = "would answer a request that names it";
  return {
    reasons: [reason],
    candidates: [{ "alias": alias, "expected_cost_usd": expectedCostUsd, "note": null }],
    rejected: [],
    otherwise: other === null ? null : { alias: other, reason: instead },
  };
}
