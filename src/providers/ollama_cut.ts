/**
 * Prompts that a server has cut in silence: versions before 0.12.4 ignore `truncate: false`, and so
 * do other servers with Ollama's API. The number of tokens that was read gives it away.
 */

import { type ChatMessage, type ChatRequest, isImagePart } from "../core/chat.ts";
import { estimateInputTokens } from "../core/features.ts";
import { type JsonObject, numberAt } from "../core/json.ts";
import type { UpstreamFault } from "../core/outcome.ts";
import type { AnswerContext } from "./adapter.ts";

/** Below so many tokens an estimate says too little; the smallest usual window is twice as large. */
const LEAST_TOKENS = 1_000;

/**
 * An estimate may be this many times the truth: it takes Chinese for up to 1.7 times the tokens of
 * newer vocabularies, English for 1.3, code and JSON for less than they are.
 */
const ESTIMATE_FACTOR = 2;

/** So few tokens may be left of a window that the prompt filled. */
const FULL_MARGIN = 16;

/** Tokens that a template may add to the messages after a cached prompt. */
const TEMPLATE_TOKENS = 64;

/**
 * The fault of an answer to the end of a conversation alone, else null; `doubtQuery` tells whether the
 * server is one that cuts. Either the window that was
 * asked for is full, and the text is longer; or less than half of the text's tokens were read. A
 * count that is missing or zero, or that is just that of the newest messages, says nothing: some
 * versions count only what was not in their prompt cache.
 */
export function findCut(reply: JsonObject, context: AnswerContext): UpstreamFault | null {
  const readTokens = numberAt(reply, "prompt_eval_count") ?? 0;
  const { request, inputTokens = Infinity, window = Infinity } = context;
  const isFull = readTokens >= window - FULL_MARGIN;
  const mayBeCut = (tokens: number) =>
    (isFull && tokens > window) ||
    (tokens >= LEAST_TOKENS && readTokens * ESTIMATE_FACTOR < tokens);
  // The whole estimate, images included, is known; the text's own is made only where it matters.
  if (readTokens <= 0 || !mayBeCut(inputTokens)) return null;
  const isShown = (message: ChatMessage) => context.model.supportsTools || !isOfTools(message);
  const tokens = estimateText(request.messages.filter(isShown).map(plainMessage));
  if (!mayBeCut(tokens) || (!isFull && isNewestPart(readTokens, request))) return null;
  return cutFault(readTokens, tokens);
}

/** Templates of models without tools leave these out. */
function isOfTools({ role, "tool_calls": calls }: ChatMessage): boolean {
  return role === "tool" || role === "function" || (calls?.length ?? 0) > 0;
}

/**
 * The message as far as its tokens can be estimated: images are counted coarsely, and of a run of
 * one character (a ruler, a border) a tokenizer makes few tokens.
 */
function plainMessage(message: ChatMessage): ChatMessage {
  const { content } = message;
  if (typeof content === "string") return { ...message, "content": shortenRuns(content) };
  if (!Array.isArray(content)) return message;
  const parts = content.filter((part) => !isImagePart(part)).map((part) => (
    typeof part["text"] === "string" ? { ...part, "text": shortenRuns(part["text"]) } : part
  ));
  return { ...message, "content": parts };
}

function shortenRuns(text: string): string {
  return text.replaceAll(/(\S)\1{3,}/g, "$1$1");
}

/** Tool schemas are written anew by templates, and JSON schemas are no part of a prompt: neither counts. */
function estimateText(messages: readonly ChatMessage[]): number {
  return estimateInputTokens({ "model": "", "messages": messages });
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
  const least = estimateText(messages.slice(Math.max(from, 0)));
  const most = answered === -1 ? least : estimateText(messages.slice(answered));
  return readTokens * ESTIMATE_FACTOR >= least &&
    readTokens <= most * ESTIMATE_FACTOR + TEMPLATE_TOKENS;
}

function cutFault(readTokens: number, tokens: number): UpstreamFault {
  return {
    kind: "context_overflow",
    status: null,
    message: `Ollama read only ${readTokens} tokens of a prompt of about ${tokens}, and cut the ` +
      "rest in silence; give the model a larger context_window in pirouter's config (num_ctx), or " +
      "update Ollama, or raise its OLLAMA_CONTEXT_LENGTH",
    type: "invalid_request_error",
    code: "context_length_exceeded",
    param: "messages",
  };
}
