/**
 * Prompts that a server has cut in silence: versions before 0.12.4 ignore `truncate: false`, and so
 * do other servers with Ollama's API. The number of tokens that was read gives it away.
 */

import type { ChatRequest } from "../core/chat.ts";
import { type JsonObject, numberAt } from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import type { AnswerContext } from "./adapter.ts";
import { ESTIMATE_FACTOR, estimateMessages, estimateText } from "./ollama_estimate.ts";

/** Below so many tokens an estimate says too little; the smallest usual window is twice as large. */
const LEAST_TOKENS = 1_000;

/** So few tokens may be left of a window that the prompt filled. */
const FULL_MARGIN = 16;

/** Tokens that a template may add to the messages after a cached prompt. */
const TEMPLATE_TOKENS = 64;

/** Windows that servers have by default, in tokens. */
const USUAL_WINDOWS = [2_048, 4_096, 8_192, 16_384, 32_768];

/** What is left of a prompt that was cut message by message has at least so many tokens. A judgement. */
const LEAST_LEFT = 256;

/** A prompt of which less than one part in so many was read is hardly one that was estimated badly. */
const LIKELY_FACTOR = 4;

/** What a count of tokens says against an answer. */
export interface SuspectedCut {
  readonly fault: UpstreamFault;
  /** Whether the count alone says it, where the server does not say what it is. */
  readonly isLikely: boolean;
}

/**
 * The fault of an answer to the end of a conversation alone, else null; `doubtQuery` tells whether
 * the server is one that cuts. Either the window that was asked for is full, and the text is longer;
 * or less than half of the text's tokens were read. A count that is missing or zero, or that is just
 * that of the newest messages, says nothing: some versions count only what was not in their prompt
 * cache.
 */
export function findCut(reply: JsonObject, context: AnswerContext): SuspectedCut | null {
  const readTokens = numberAt(reply, "prompt_eval_count") ?? 0;
  const { request, model, inputTokens = Infinity, window = Infinity } = context;
  const isFull = readTokens >= window - FULL_MARGIN;
  const mayBeCut = (tokens: number) =>
    (isFull && tokens > window) ||
    (tokens >= LEAST_TOKENS && readTokens * ESTIMATE_FACTOR < tokens);
  // The whole estimate, images included, is known; the text's own is made only where it matters.
  if (readTokens <= 0 || !mayBeCut(inputTokens)) return null;
  const tokens = estimateText(request, model);
  if (!mayBeCut(tokens) || (!isFull && isNewestPart(readTokens, request))) return null;
  const isLeft = readTokens >= LEAST_LEFT && readTokens * LIKELY_FACTOR < tokens;
  return {
    fault: cutFault(readTokens, tokens),
    isLikely: isFull || isLeft || USUAL_WINDOWS.some((usual) => isAbout(readTokens, usual)),
  };
}

function isAbout(tokens: number, window: number): boolean {
  return Math.abs(tokens - window) <= FULL_MARGIN;
}

/**
 * Whether the count is that of what came after the model's last answer, or of the newest question:
 * Ollama 0.30 and versions before 0.2 leave out what their cache holds
 * (https://github.com/ollama/ollama/pull/16428, https://github.com/ollama/ollama/pull/5371).
 */
function isNewestPart(readTokens: number, { messages }: ChatRequest): boolean {
  const answered = messages.findLastIndex(({ role }) => role === "assistant");
  const asked = messages.findLastIndex(({ role }) => role === "user");
  const from = answered === -1 ? asked : answered + 1;
  const least = estimateMessages(messages.slice(Math.max(from, 0)));
  const most = answered === -1 ? least : estimateMessages(messages.slice(answered));
  return readTokens * ESTIMATE_FACTOR >= least &&
    readTokens <= most * ESTIMATE_FACTOR + TEMPLATE_TOKENS;
}

/** The model's own window may be larger than what was read, so no number is called the maximum. */
function cutFault(readTokens: number, tokens: number): UpstreamFault {
  return {
    kind: "context_overflow",
    status: null,
    message: "This model's maximum context length is exceeded (context_length_exceeded): " +
      `Ollama read only ${readTokens} tokens of a prompt of about ${tokens}, and cut the rest in ` +
      "silence. Please reduce the length of the messages, or give the model a larger " +
      "context_window in pirouter's config (num_ctx), or update Ollama, or raise its " +
      "OLLAMA_CONTEXT_LENGTH.",
    type: "invalid_request_error",
    code: "context_length_exceeded",
    param: "messages",
  };
}
