/** What a client is told when there is no answer. */

import { FAULT_REPLIES } from "./fault_replies.ts";
import type { UpstreamFault } from "./outcome.ts";
import type { RouterError } from "./request_errors.ts";

export { errorBody, ROUTER_ERRORS, type RouterError } from "./request_errors.ts";

/** An attempt that failed, and by whom. */
export interface FailedAttempt {
  /** The model's alias. */
  readonly alias: string;
  /** The id of its provider. */
  readonly provider: string;
  /** How it failed; null when its answer was weak and could not be served. */
  readonly fault: UpstreamFault | null;
  /** The model's window in tokens; null when unknown. */
  readonly contextWindow?: number | null;
}

/** What else an error can tell. */
export interface FaultFacts {
  /** Estimated tokens of the request's input. */
  readonly inputTokens?: number;
}

/** Waits that SDKs obey are at most a minute long. */
const RATE_LIMIT_WAIT_MS = 5_000;
const QUOTA_WAIT_MS = 60_000;

/**
 * One error for all attempts of a request: status, type and code of the most informative fault (the
 * latest of equals), a text that names every attempt.
 */
export function errorOfAttempts(
  attempts: readonly FailedAttempt[],
  facts: FaultFacts = {},
): RouterError {
  const chosen = attempts.reduce<FailedAttempt>(
    (best, next) => rankOf(next) >= rankOf(best) ? next : best,
    NO_ATTEMPT,
  );
  const contextWindow = chosen.contextWindow ?? null;
  const error = errorOfFault(chosen.fault ?? NOTHING_TRIED, { ...facts, contextWindow });
  if (attempts.length === 0) return error;
  const isFailover = new Set(attempts.map(({ alias }) => alias)).size > 1;
  const retry = isFailover ? afterFailover(error) : error;
  return { ...retry, message: `${error.message} (${describeAttempts(attempts)})` };
}

const NOTHING_TRIED: UpstreamFault = {
  kind: "connect",
  status: null,
  message: "no candidate was tried",
};

const NO_ATTEMPT: FailedAttempt = { alias: "", provider: "", fault: null };

function rankOf(attempt: FailedAttempt): number {
  return attempt.fault === null ? -1 : FAULT_REPLIES[attempt.fault.kind].rank;
}

/** Fail-over was done already: a client that repeats the request at once multiplies it. */
function afterFailover(error: RouterError): RouterError {
  return { ...error, shouldRetry: false };
}

function describeAttempts(attempts: readonly FailedAttempt[]): string {
  const names = attempts.map(({ alias, provider, fault }) =>
    `${alias} at ${provider}: ${fault?.kind ?? "weak answer"}`
  );
  const count = attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`;
  return `${count}: ${names.join("; ")}`;
}

/** The error for one fault. Status, type, code and param of the upstream are kept where a client can use them. */
export function errorOfFault(
  fault: UpstreamFault,
  facts: FaultFacts & { readonly contextWindow?: number | null } = {},
): RouterError {
  const reply = FAULT_REPLIES[fault.kind];
  const isKept = fault.status !== null && (reply.keeps ?? [reply.status]).includes(fault.status);
  const isOurs = fault.kind === "context_overflow" || fault.kind === "quota" || !isKept;
  const error: RouterError = {
    status: isKept && fault.status !== null ? fault.status : reply.status,
    type: isOurs ? reply.type : fault.type ?? reply.type,
    code: isOurs ? reply.code : fault.code ?? reply.code,
    param: fault.param ?? null,
    message: describeFault(fault, facts),
    ...(reply.isTransient ? {} : { shouldRetry: false }),
  };
  const retryAfterMs = waitOf(fault);
  return retryAfterMs === null ? error : { ...error, retryAfterMs };
}

/** No client waits longer than an hour, whatever an upstream asks for. */
const MAX_WAIT_MS = 3_600_000;

function waitOf(fault: UpstreamFault): number | null {
  const waitMs = askedWaitOf(fault);
  return waitMs === null ? null : Math.min(waitMs, MAX_WAIT_MS);
}

function askedWaitOf(fault: UpstreamFault): number | null {
  if (fault.kind === "rate_limit") return fault.retryAfterMs ?? RATE_LIMIT_WAIT_MS;
  if (fault.kind === "quota") return fault.retryAfterMs ?? QUOTA_WAIT_MS;
  return fault.kind === "overloaded" ? fault.retryAfterMs ?? null : null;
}

function describeFault(
  fault: UpstreamFault,
  facts: FaultFacts & { readonly contextWindow?: number | null },
): string {
  if (fault.kind === "context_overflow") return describeOverflow(fault, facts);
  const { sentence } = FAULT_REPLIES[fault.kind];
  const text = `${capitalise(sentence)}: ${fault.message}`;
  // Clients take a bare status number in the text for a fault that passes.
  return fault.kind === "quota" ? text.replace(/\b(?:429|5\d\d)\b/g, "…") : text;
}

function capitalise(text: string): string {
  return text.startsWith("insufficient_quota")
    ? text
    : text.charAt(0).toUpperCase() + text.slice(1);
}

/** OpenAI's own sentence: clients know it, and shorten the conversation. */
function describeOverflow(
  fault: UpstreamFault,
  facts: FaultFacts & { readonly contextWindow?: number | null },
): string {
  if (KNOWN_OVERFLOW.test(fault.message)) return fault.message;
  const told = readOverflow(fault.message);
  const window = told.window ?? facts.contextWindow ?? undefined;
  // An estimate that would fit says nothing of why it did not.
  const isEstimateLonger = facts.inputTokens !== undefined &&
    facts.inputTokens > Number(window ?? 0);
  const input = told.input ?? (isEstimateLonger ? facts.inputTokens : undefined);
  const length = window === undefined ? "exceeded" : `${window} tokens`;
  const sum = input === undefined
    ? "your messages are longer"
    : `your messages resulted in ${input} tokens`;
  return `This model's maximum context length is ${length}. However, ${sum}. ` +
    `Please reduce the length of the messages. (${fault.message})`;
}

/** What clients know an overflow by as it is, in numbers or by its code. */
const KNOWN_OVERFLOW = /maximum context length is (?:\d|exceeded \(context_length_exceeded\))/i;

/** How upstreams put an overflow into numbers of tokens. */
const OVERFLOW_NUMBERS: readonly RegExp[] = [
  /(?<input>\d{1,12}) tokens? > (?<window>\d{1,12})/, // Anthropic
  /token count \((?<input>\d{1,12})\) exceeds [^(]{1,80}\((?<window>\d{1,12})\)/, // Gemini
  /\((?<input>\d{1,12}) tokens\) exceeds [^(]{1,80}\((?<window>\d{1,12}) tokens\)/, // llama.cpp
  /maximum prompt length is (?<window>\d{1,12}) but the request contains (?<input>\d{1,12})/, // xAI
  /first (?<input>\d{1,12}) tokens .{1,80} length of only (?<window>\d{1,12})/, // LM Studio
  /n_keep: (?<input>\d{1,12}) ?>= ?n_ctx: (?<window>\d{1,12})/, // LM Studio
  /contains (?<input>\d{1,12}) tokens .{1,80} with (?<window>\d{1,12}) maximum context/, // Mistral
  /\(length (?<input>\d{1,12})\) is longer than .{1,40} length of (?<window>\d{1,12})/, // vLLM
];

function readOverflow(text: string): { readonly input?: string; readonly window?: string } {
  return OVERFLOW_NUMBERS.map((pattern) => pattern.exec(text)?.groups)
    .find((groups) => groups !== undefined) ?? {};
}

/** The in-band error of a stream that broke after its first bytes: the status can't be changed any more. */
export function errorOfStream(fault: UpstreamFault): RouterError {
  const error = errorOfFault(fault);
  if (!FAULT_REPLIES[fault.kind].isTransient) return error;
  const message = `Upstream connection lost (server_error); please retry your request. ` +
    `Cause: ${fault.kind}: ${fault.message}`;
  return { ...error, message };
}
