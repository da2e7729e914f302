/** How much a Claude model thinks, and what that leaves for the answer. */

import type Anthropic from "@anthropic-ai/sdk";
import type { ChatRequest } from "../core/chat.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import {
  budgetOfLevel,
  readReasoning,
  type ReasoningLevel,
  type ReasoningWish,
} from "../core/reasoning.ts";
import type { Block } from "./anthropic_block.ts";
import type { Conversation } from "./anthropic_messages.ts";
import type { EncodingNotes } from "./anthropic_notes.ts";
import { isThinking } from "./anthropic_thinking.ts";
import { type ClaudeTraits, type Effort, EFFORTS } from "./anthropic_traits.ts";

/** The thinking of a request on the wire. */
export interface ThinkingSetup {
  /** Null: not sent. */
  readonly thinking: JsonObject | null;
  readonly effort: Effort | null;
  readonly maxTokens: number;
  /** Whether the model will think, which excludes sampling parameters. */
  readonly isOn: boolean;
}

/** What the encoding of thinking needs to know. */
export interface ThinkingOptions {
  readonly notes: EncodingNotes;
  readonly traits: ClaudeTraits;
  readonly conversation: Conversation;
  /** Whether the model has just refused thinking in this request. */
  readonly isRefused: boolean;
  /** Whether `tool_choice` forces a call. */
  readonly isToolForced: boolean;
  /** The output limit without thinking. */
  readonly maxTokens: number;
  /** The model's own output limit; null when unknown. */
  readonly maxOutputTokens: number | null;
}

/** The vendor's smallest budget: https://platform.claude.com/docs/en/build-with-claude/extended-thinking. */
const MIN_BUDGET = 1024;
/** Tokens that a budget leaves for the answer at least. */
const MIN_ANSWER = 1024;

/** The effort that a level asks for. */
const EFFORT_OF_LEVEL: Readonly<Record<Exclude<ReasoningLevel, "none">, Effort>> = {
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "xhigh",
  max: "max",
};

/**
 * Encodes what the client says of reasoning, in whichever words. A budget comes on top of the
 * output limit, so the answer keeps its room; where the model's limit is too small, the budget
 * shrinks. Thinking is left off, and reported, where the vendor refuses it: with a forced tool, a
 * prefilled answer, or a tool call of the current turn that this model did not make.
 */
export function encodeThinking(request: ChatRequest, options: ThinkingOptions): ThinkingSetup {
  const off = { thinking: null, effort: null, maxTokens: options.maxTokens, isOn: false };
  const wish = readReasoning(request);
  if (wish === null) return off;
  if (wish.level === "none") return stopThinking(off, { ...options, field: wish.field });
  const { level } = wish;
  const setup = options.isRefused ? null : startThinking({ ...wish, level, request }, options);
  if (setup === null) options.notes.drop(wish.field);
  return setup ?? off;
}

/** A wish for some reasoning. */
interface Wish extends ReasoningWish {
  readonly level: Exclude<ReasoningLevel, "none">;
  readonly request: ChatRequest;
}

function startThinking(wish: Wish, options: ThinkingOptions): ThinkingSetup | null {
  switch (options.traits.thinking) {
    case "none":
      return null;
    case "budget":
      return canThink(options) ? thinkWithin(wish, options) : null;
    case "adaptive":
      return thinkAdaptively(wish, options);
  }
}

/** Models that think only when told to are told nothing. */
function stopThinking(
  off: ThinkingSetup,
  { traits, notes, field }: ThinkingOptions & { readonly field: string },
): ThinkingSetup {
  if (traits.thinking !== "adaptive") return off;
  if (traits.thinkingCanStop) {
    const thinking = { "type": "disabled" } satisfies Anthropic.ThinkingConfigParam;
    return { ...off, thinking };
  }
  notes.drop(field);
  return { ...off, effort: "low" };
}

/** Newer models hide their thinking unless asked, and a client would see nothing for minutes. */
const ADAPTIVE = {
  "type": "adaptive",
  "display": "summarized",
} satisfies Anthropic.ThinkingConfigParam;

/**
 * Effort rules all of the answer's tokens, so it stays where thinking itself is refused. A client's
 * own `thinking` says nothing of it: a budget means nothing to a model that thinks as it sees fit.
 */
function thinkAdaptively(wish: Wish, options: ThinkingOptions): ThinkingSetup | null {
  const { efforts } = options.traits;
  const own = wish.field === "thinking" ? wish.request["thinking"] : undefined;
  if (own !== undefined && options.isToolForced) return null;
  const effort = own === undefined ? nearestEffort(EFFORT_OF_LEVEL[wish.level], efforts) : null;
  if (options.isToolForced) {
    return { thinking: null, effort, maxTokens: options.maxTokens, isOn: false };
  }
  const thinking = isJsonObject(own) && own["type"] === "adaptive" ? own : ADAPTIVE;
  return { thinking, effort, maxTokens: options.maxTokens, isOn: true };
}

function nearestEffort(asked: Effort, known: readonly Effort[]): Effort | null {
  const rank = EFFORTS.indexOf(asked);
  return known.findLast((effort) => EFFORTS.indexOf(effort) <= rank) ?? null;
}

function thinkWithin(wish: Wish, options: ThinkingOptions): ThinkingSetup | null {
  const budget = Math.max(MIN_BUDGET, wish.budgetTokens ?? budgetOfLevel(wish.level));
  const answer = options.maxTokens;
  const ceiling = options.maxOutputTokens ?? Infinity;
  const hasRoom = answer >= budget + MIN_ANSWER;
  const maxTokens = hasRoom ? answer : Math.min(answer + budget, ceiling);
  const fitting = Math.min(budget, maxTokens - Math.min(answer, MIN_ANSWER));
  if (fitting < MIN_BUDGET) return null;
  const thinking = {
    "type": "enabled",
    "budget_tokens": fitting,
  } satisfies Anthropic.ThinkingConfigParam;
  return { thinking, effort: null, maxTokens, isOn: true };
}

/**
 * Whether a model with a budget may think. A turn in which it calls tools must begin with its own
 * thinking; what it then said without thinking again is its own, too.
 */
function canThink({ conversation, isToolForced }: ThinkingOptions): boolean {
  const { turns, ownCalls } = conversation;
  if (isToolForced || turns.at(-1)?.role === "assistant") return false;
  const lastAsk = turns.findLastIndex((turn) =>
    turn.role === "user" && turn.content.some((block) => block.type !== "tool_result")
  );
  const steps = turns.slice(lastAsk + 1).filter(({ content }) => content.some(isToolUse));
  return steps.every(({ content }, index) =>
    isThinking(content[0]) ||
    (index > 0 && !content.some(isThinking) &&
      content.filter(isToolUse).every(({ id }) => ownCalls.has(String(id))))
  );
}

function isToolUse(block: Block): boolean {
  return block.type === "tool_use";
}
