/** What routing looks at: a request reduced to a few facts. */

import {
  type ChatMessage,
  type ChatRequest,
  functionOfCall,
  isFormatted,
  isImagePart,
  requestedOutputTokens,
  textOfContent,
} from "./chat.ts";
import { type Ask, readAsk } from "./ask.ts";
import { judgeAsk } from "./ask_difficulty.ts";
import type { Difficulty } from "./difficulty.ts";
import { DIFFICULTY_TIERS, isDifficultyTier } from "./difficulty_tier.ts";
import { findHousekeeping, type Housekeeping } from "./housekeeping.ts";
import { estimateTokens } from "./tokens.ts";
import { readTrajectory, type Trajectory } from "./trajectory.ts";
import { readTurns } from "./turn.ts";

/** Headers by lower-case name. */
export type HeaderMap = ReadonlyMap<string, string>;

/** The request header in which a client says how hard its request is. */
const DIFFICULTY_HEADER = "x-pirouter-difficulty";

/** The request header that names the model to use. */
export const ROUTE_HEADER = "x-pirouter-route";

/** The facts of one request. */
export interface Features {
  /** What `model` says. */
  readonly requestedModel: string;
  readonly headers: HeaderMap;
  /** Estimated tokens of everything the model must read: messages, tool schemas, images, format. */
  readonly inputTokens: number;
  /** The output limit that the client set; null when it left that open. */
  readonly requestedOutputTokens: number | null;
  /** The request defines tools, or its history holds calls of tools. */
  readonly hasTools: boolean;
  readonly hasImages: boolean;
  readonly isStreamed: boolean;
  /** Whether the answer is to be JSON, or of another form than text. */
  readonly isFormatted: boolean;
  /** The text of every system and developer message. */
  readonly systemText: string;
  /** The text of the newest user message as it came, which `prompt_matches` looks at. */
  readonly askText: string;
  /** What is asked, without the client's wrapping: what difficulty is judged by. */
  readonly ask: Ask;
  /** The small job that the client asks for on its own account; null for any other ask. */
  readonly housekeeping: Housekeeping | null;
  /** How the conversation has gone since the ask. */
  readonly trajectory: Trajectory;
  readonly difficulty: Difficulty;
  /** Of a request that the ledger has kept: the results of tests that read its texts and headers. */
  readonly recorded?: (test: string) => boolean;
}

/**
 * Tokens that one image is taken to cost: a 1092 × 1092 one at Anthropic (width × height / 750);
 * OpenAI's high detail costs 765 for 1024 × 1024.
 */
const IMAGE_TOKENS = 1_590;

/** Tokens of a message's own envelope (role and separators), as OpenAI's cookbook counts them. */
const MESSAGE_TOKENS = 4;

/** Extracts the facts of a request. Header names must be lower-case. */
export function extractFeatures(request: ChatRequest, headers: HeaderMap): Features {
  const askText = textOfContent(request.messages.findLast(isUserMessage)?.content);
  const systemText = request.messages.filter(isSystemMessage)
    .map((message) => textOfContent(message.content)).join("\n");
  const turns = readTurns(request.messages);
  const ask = readAsk(request.messages, turns);
  // A user who corrects a small job has more to say than the job.
  const housekeeping = findHousekeeping({
    ask: ask.isCorrection ? "" : ask.text,
    system: systemText,
  });
  const trajectory = readTrajectory(request.messages, turns);
  const facts = { ask, housekeeping, trajectory };
  return {
    requestedModel: request.model,
    headers,
    inputTokens: estimateInputTokens(request),
    requestedOutputTokens: requestedOutputTokens(request),
    hasTools: usesTools(request),
    hasImages: request.messages.some((message) => countImages(message) > 0),
    isStreamed: request.stream === true,
    isFormatted: isFormatted(request),
    systemText,
    askText,
    ...facts,
    difficulty: judgeDifficulty(facts, headers.get(DIFFICULTY_HEADER)),
  };
}

function judgeDifficulty(
  facts: Pick<Features, "ask" | "housekeeping" | "trajectory">,
  hint: string | undefined,
): Difficulty {
  if (hint === undefined) return judgeAsk(facts, null);
  const name = hint.trim().toLowerCase();
  if (isDifficultyTier(name)) return judgeAsk(facts, name);
  const estimate = judgeAsk(facts, null);
  const reason = `header ${DIFFICULTY_HEADER} says nothing known (${DIFFICULTY_TIERS.join(", ")})`;
  return { ...estimate, reasons: [...estimate.reasons, reason] };
}

/** Estimates the tokens of a request's input; an estimate of the text, never a count. */
export function estimateInputTokens(request: ChatRequest): number {
  const texts: string[] = [];
  let tokens = 0;
  for (const message of request.messages) {
    tokens += MESSAGE_TOKENS + countImages(message) * IMAGE_TOKENS;
    texts.push(textOfContent(message.content));
    for (const call of message["tool_calls"] ?? []) {
      const { name, arguments: text } = functionOfCall(call);
      texts.push(name, text);
    }
  }
  const { tools, functions, "response_format": format } = request;
  for (const list of [tools, functions]) {
    if (Array.isArray(list) && list.length > 0) texts.push(JSON.stringify(list));
  }
  if (format) texts.push(JSON.stringify(format));
  // Text by text, so that a message counts the same whatever is said after it.
  return texts.reduce((sum, text) => sum + estimateTokens(text), tokens);
}

function usesTools(request: ChatRequest): boolean {
  if ([request.tools, request["functions"]].some(isFilledList)) return true;
  return request.messages.some((message) => (message["tool_calls"]?.length ?? 0) > 0);
}

function isFilledList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function countImages(message: ChatMessage): number {
  if (!Array.isArray(message.content)) return 0;
  return message.content.filter(isImagePart).length;
}

function isUserMessage(message: ChatMessage): boolean {
  return message.role === "user";
}

function isSystemMessage(message: ChatMessage): boolean {
  return message.role === "system" || message.role === "developer";
}
