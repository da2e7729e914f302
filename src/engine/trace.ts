/** What is noted of one attempt while it runs, and the ledger's record of it. */

import { hasOtherContent } from "../core/answer.ts";
import { costOf } from "../core/catalog.ts";
import {
  type AnswerMessage,
  type ChatAnswer,
  type ChatChunk,
  type ChunkDelta,
  functionOfCall,
} from "../core/chat.ts";
import type { JsonObject } from "../core/json.ts";
import type { AttemptOutcome, UpstreamFault } from "../core/outcome.ts";
import type { Candidate } from "../core/plan.ts";
import { readUsage, type TokenUsage } from "../core/usage.ts";
import type { AttemptRecord, AttemptResult } from "../ledger/ledger.ts";
import { escapeLine } from "../redact.ts";

/** Characters of English text that a token has on average; for answers whose tokens nobody counted. */
const CHARS_PER_TOKEN = 4;

/** What an upstream's error code looks like; anything else may be a sentence. */
const CODE = /^[A-Za-z0-9_.:-]{1,64}$/;

/** Names may be a client's own. */
const MAX_DROPPED_CHARS = 1_024;

const NOTHING = { cachedTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 } as const;

/** What an attempt begins with. */
export interface TraceOptions {
  /** 1 for the first. */
  readonly seq: number;
  /** The estimate to use when the upstream counts nothing. */
  readonly inputTokens: number;
  /** Milliseconds that the request waited before it for a cool-down to end; 0 when absent. */
  readonly waitedMs?: number;
  /** Whether a weakness check looks at its answer; absent: none does. */
  readonly isChecked?: boolean;
}

/** Notes of one attempt. Times are milliseconds of a monotonic clock. */
export class AttemptTrace {
  readonly candidate: Candidate;
  /** 1 for the request's first. */
  readonly seq: number;
  readonly #inputTokens: number;
  readonly #waitedMs: number;
  readonly #isChecked: boolean;
  #startedAt: number;
  #isSent = false;
  #firstTokenAt: number | null = null;
  #httpStatus: number | null = null;
  #upstreamId: string | null = null;
  #hasAnswered = false;
  #isWhole = false;
  #answerChars = 0;
  /** What the first choice, which is the one that is judged, has said. */
  #hasText = false;
  #hasCall = false;
  #dropped = "";
  #usage: TokenUsage | null = null;
  #wireUsage: JsonObject | null = null;

  /** Begins the notes; times count from here until `noteSent`. */
  constructor(candidate: Candidate, options: TraceOptions) {
    this.candidate = candidate;
    this.seq = options.seq;
    this.#inputTokens = options.inputTokens;
    this.#waitedMs = options.waitedMs ?? 0;
    this.#isChecked = options.isChecked ?? false;
    this.#startedAt = performance.now();
  }

  /** Whether a token has come. */
  get hasFirstToken(): boolean {
    return this.#firstTokenAt !== null;
  }

  /** When the request went out, or began to wait for its slot: milliseconds of the monotonic clock. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** Milliseconds from sending the request to the first token; null while none has come. */
  get ttftMs(): number | null {
    return this.#firstTokenAt === null ? null : this.#firstTokenAt - this.#startedAt;
  }

  /** Notes that the request goes out now: times count from here, not from the wait for a slot. */
  noteSent(): void {
    if (!this.#isSent) this.#startedAt = performance.now();
    this.#isSent = true;
    this.#httpStatus = null;
  }

  /** Notes the names of what of the request the upstream is not told. */
  noteDropped(names: readonly string[]): void {
    this.#dropped = escapeLine(names.join(", ")).slice(0, MAX_DROPPED_CHARS);
  }

  /** Notes the response's head. */
  noteStatus(status: number): void {
    this.#httpStatus = status;
  }

  /** Notes a chunk: when the first token came, how long the answer is, what it used. */
  noteChunk(chunk: ChatChunk): void {
    this.#hasAnswered = true;
    this.#upstreamId ??= chunk.id;
    if (chunk.usage) this.#noteUsage(chunk.usage);
    for (const { index, delta } of chunk.choices) {
      if (index === 0) this.#noteSaid(delta);
      const chars = (delta.content?.length ?? 0) + (delta["reasoning_content"]?.length ?? 0);
      const calls = delta["tool_calls"]?.length ?? 0;
      for (const call of delta["tool_calls"] ?? []) {
        this.#answerChars += call.function?.arguments?.length ?? 0;
      }
      this.#answerChars += chars;
      if (chars + calls > 0 || hasOtherContent(delta)) this.#firstTokenAt ??= performance.now();
    }
  }

  /** Notes what an answer that was none has used all the same. */
  noteSpent(usage: JsonObject): void {
    this.#hasAnswered = true;
    this.#noteUsage(usage);
    this.noteEnd();
  }

  /** Notes that the answer's end marker came: what the provider counted is all there is. */
  noteEnd(): void {
    this.#isWhole = true;
  }

  /** Notes a whole answer. */
  noteAnswer(answer: ChatAnswer): void {
    this.noteEnd();
    this.#hasAnswered = true;
    this.#upstreamId = answer.id;
    if (answer.usage) this.#noteUsage(answer.usage);
    for (const [position, { message }] of answer.choices.entries()) {
      if (position === 0) this.#noteSaid(message);
      this.#answerChars += (message.content?.length ?? 0) +
        (message["reasoning_content"]?.length ?? 0);
      for (const call of message["tool_calls"] ?? []) {
        this.#answerChars += functionOfCall(call).arguments.length;
      }
    }
  }

  /** The upstream's own usage object; null when it gave none. */
  get wireUsage(): JsonObject | null {
    return this.#wireUsage;
  }

  /** What was used: as the provider counted it, else estimated; null when nothing was. */
  get usage(): TokenUsage | null {
    if (!this.#hasAnswered || (this.#usage !== null && this.#isWhole)) return this.#usage;
    const outputTokens = Math.ceil(this.#answerChars / CHARS_PER_TOKEN);
    if (this.#usage === null) {
      return { ...NOTHING, inputTokens: this.#inputTokens, outputTokens, source: "estimated" };
    }
    // Before its end a provider has counted the input, yet not all of the output.
    if (this.#usage.outputTokens >= outputTokens) return this.#usage;
    return { ...this.#usage, outputTokens, source: "estimated" };
  }

  /**
   * Whether this outcome is a check's judgement of its answer. Calls of tools are never weak, so that
   * an answer with one was not judged.
   */
  isJudged({ type }: AttemptOutcome): boolean {
    if (!this.#isChecked || !this.#hasText || this.#hasCall) return false;
    return type === "answered" || type === "weak";
  }

  /** The record of the attempt, which ends now; the request came at `requestAt` of the same clock. */
  toRecord(outcome: AttemptOutcome, requestAt: number): AttemptRecord {
    const { model } = this.candidate;
    const { usage } = this;
    const costUsd = usage === null ? null : costOf(usage, model.price);
    return {
      seq: this.seq,
      alias: model.alias,
      provider: model.provider,
      modelId: model.modelId,
      outcome: resultOf(outcome),
      judged: this.isJudged(outcome),
      httpStatus: this.#httpStatus,
      errorCode: outcome.type === "fault" ? codeOf(outcome.fault) : null,
      dropped: this.#dropped === "" ? null : this.#dropped,
      waitedMs: this.#waitedMs,
      startedMs: this.#startedAt - requestAt,
      committedMs: null,
      inputTokens: usage?.inputTokens ?? null,
      outputTokens: usage?.outputTokens ?? null,
      cachedTokens: usage?.cachedTokens ?? null,
      cacheWriteTokens: usage?.cacheWriteTokens ?? null,
      reasoningTokens: usage?.reasoningTokens ?? null,
      usageSource: usage?.source ?? null,
      costUsd,
      costSource: costUsd === null ? null : model.price?.source ?? null,
      latencyMs: performance.now() - this.#startedAt,
      ttftMs: this.ttftMs,
      upstreamId: this.#upstreamId,
    };
  }

  #noteSaid(said: AnswerMessage | ChunkDelta): void {
    this.#hasText ||= (said.content ?? "").trim() !== "";
    this.#hasCall ||= (said["tool_calls"]?.length ?? 0) > 0 || hasOtherContent(said);
  }

  #noteUsage(usage: JsonObject): void {
    this.#usage = readUsage(usage) ?? this.#usage;
    this.#wireUsage = usage;
  }
}

/** The upstream's own name for its fault; its sentences are never kept. */
function codeOf({ code, type }: UpstreamFault): string | null {
  return [code, type].find((name) => typeof name === "string" && CODE.test(name)) ?? null;
}

function resultOf(outcome: AttemptOutcome): AttemptResult {
  switch (outcome.type) {
    case "answered":
      return "ok";
    case "weak":
      return `weak_${outcome.reason}`;
    case "fault":
      return outcome.fault.kind;
    case "cancelled":
      return "cancelled";
  }
}
