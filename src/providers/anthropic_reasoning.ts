/** How much a Claude model thinks, and what that leaves for the answer. */

import type Anthropic from "@anthropic-ai/sdk";
import type { ChatRequest } from "../core/chat.ts";
import { isJsonObject, type JsonObject, numberAt } from "../core/json.ts";
import type { Turn } from "./anthropic_messages.ts";
import type { EncodingNotes } from "./anthropic_notes.ts";
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
  readonly turns: readonly Turn[];
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

/** Budget in tokens and level of effort, by `reasoning_effort`. */
const LEVELS: ReadonlyMap<string, { readonly budget: number; readonly effort: Effort }> = new Map<
  string,
  { readonly budget: number; readonly effort: Effort }
>([
  ["minimal", { budget: 1024, effort: "low" }],
  ["low", { budget: 2048, effort: "low" }],
  ["medium", { budget: 8192, effort: "medium" }],
  ["high", { budget: 16_384, effort: "high" }],
  ["xhigh", { budget: 32_768, effort: "xhigh" }],
  ["max", { budget: 32_768, effort: "max" }],
]);

/**
 * Encodes `reasoning_effort`, or the client's own `thinking`. A budget comes on top of the output
 * limit, so the answer keeps its room; where the model's limit is too small, the budget shrinks.
 * Thinking is left off, and reported, where the vendor refuses it: with a forced tool, a prefilled
 * answer, or a tool call of the current turn whose own thinking is not in the history.
 */
export function encodeThinking(request: ChatRequest, options: ThinkingOptions): ThinkingSetup {
  const off = { thinking: null, effort: null, maxTokens: options.maxTokens, isOn: false };
  if (isJsonObject(request["thinking"])) return passThinking(request["thinking"], options);
  const asked = request["reasoning_effort"] ?? null;
  if (asked === null) return off;
  if (asked === "none") return stopThinking(off, { ...options, field: "reasoning_effort" });
  const level = LEVELS.get(asked);
  if (level === undefined || options.traits.thinking === "none") {
    options.notes.drop("reasoning_effort");
    return off;
  }
  if (options.traits.thinking === "adaptive") return thinkAdaptively(level.effort, options);
  const setup = canThink(options) ? thinkWithin(level.budget, options) : null;
  if (setup === null) options.notes.drop("reasoning_effort");
  return setup ?? off;
}

/** `field` is what asked for it. Models that think only when told to are told nothing. */
function stopThinking(
  off: ThinkingSetup,
  options: ThinkingOptions & { readonly field: "reasoning_effort" | "thinking" },
): ThinkingSetup {
  const { traits, field } = options;
  if (traits.thinking !== "adaptive") return off;
  if (traits.thinkingCanStop) {
    const thinking = { "type": "disabled" } satisfies Anthropic.ThinkingConfigParam;
    return { ...off, thinking };
  }
  options.notes.drop(field);
  return { ...off, effort: "low" };
}

/** Newer models hide their thinking unless asked, and a client would see nothing for minutes. */
const ADAPTIVE = {
  "type": "adaptive",
  "display": "summarized",
} satisfies Anthropic.ThinkingConfigParam;

/** Effort rules all of the answer's tokens, so it stays where thinking itself is refused. */
function thinkAdaptively(asked: Effort, options: ThinkingOptions): ThinkingSetup {
  const effort = nearestEffort(asked, options.traits.efforts);
  if (options.isToolForced) {
    return { thinking: null, effort, maxTokens: options.maxTokens, isOn: false };
  }
  return { thinking: ADAPTIVE, effort, maxTokens: options.maxTokens, isOn: true };
}

function nearestEffort(asked: Effort, known: readonly Effort[]): Effort | null {
  const rank = EFFORTS.indexOf(asked);
  return known.findLast((effort) => EFFORTS.indexOf(effort) <= rank) ?? null;
}

function thinkWithin(budget: number, options: ThinkingOptions): ThinkingSetup | null {
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

/** The budget of a client's adaptive thinking for models that know budgets alone. */
const ADAPTIVE_BUDGET = 8192;

/** The client's own `thinking`, in the words that the model knows and within what it accepts. */
function passThinking(thinking: JsonObject, options: ThinkingOptions): ThinkingSetup {
  const off = { thinking: null, effort: null, maxTokens: options.maxTokens, isOn: false };
  const kind = options.traits.thinking;
  if (thinking["type"] === "disabled") return stopThinking(off, { ...options, field: "thinking" });
  if (thinking["type"] !== "enabled" && thinking["type"] !== "adaptive") {
    options.notes.drop("thinking");
    return off;
  }
  const budget = numberAt(thinking, "budget_tokens");
  const setup = kind === "adaptive"
    ? adaptThinking(thinking, options)
    : kind === "budget" && canThink(options)
    ? thinkWithin(budget ?? ADAPTIVE_BUDGET, options)
    : null;
  if (setup === null) options.notes.drop("thinking");
  return setup ?? off;
}

/** A budget means nothing to a model that thinks as it sees fit: only that it is to think. */
function adaptThinking(thinking: JsonObject, options: ThinkingOptions): ThinkingSetup | null {
  if (options.isToolForced) return null;
  const own = thinking["type"] === "adaptive" ? thinking : ADAPTIVE;
  return { thinking: own, effort: null, maxTokens: options.maxTokens, isOn: true };
}

function canThink(options: ThinkingOptions): boolean {
  if (options.isToolForced || options.turns.at(-1)?.role === "assistant") return false;
  const lastAsk = options.turns.findLastIndex((turn) =>
    turn.role === "user" && turn.content.some((block) => block.type !== "tool_result")
  );
  return !options.turns.slice(lastAsk + 1).some((turn) =>
    turn.content.some((block) => block.type === "tool_use")
  );
}
