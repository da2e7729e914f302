/** How much a client wants a model to reason, in whichever vendor's words it says so. */

import type { ChatRequest } from "./chat.ts";
import { type JsonValue, numberAt, stringAt, valueAt } from "./json.ts";

/** OpenAI's levels, the least first (https://platform.openai.com/docs/guides/reasoning). */
export const REASONING_LEVELS = [
  "none",
  "minimal",
  "low",
  "medium",
  "high",
  "xhigh",
  "max",
] as const;

/** How much a model reasons before it answers. */
export type ReasoningLevel = (typeof REASONING_LEVELS)[number];

/** What a request says of reasoning. */
export interface ReasoningWish {
  readonly level: ReasoningLevel;
  /** The client's own number of tokens; null when it named a level alone, or only that there be some. */
  readonly budgetTokens: number | null;
  /** The top-level field of the request that says it. */
  readonly field: string;
  /** All fields that together say it, `field` among them: none of them is lost in a translation. */
  readonly fields: readonly string[];
}

/** THE TABLE of levels: reasoning tokens at most. Two levels share the largest number. */
const BUDGETS: Readonly<Record<ReasoningLevel, number>> = {
  none: 0,
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
};

/** The level of a client that wants reasoning and says not how much. */
const PLAIN_LEVEL: ReasoningLevel = "medium";

/** What a level allows, in tokens. */
export function budgetOfLevel(level: ReasoningLevel): number {
  return BUDGETS[level];
}

/**
 * The highest level that allows no more than a budget in tokens; "minimal" for one below all of
 * them, "none" for zero.
 *
 * @example
 * ```ts
 * import { budgetOfLevel, levelOfBudget } from "./reasoning.ts";
 * if (levelOfBudget(budgetOfLevel("high")) !== "high") throw new Error();
 * if (levelOfBudget(10_000) !== "medium") throw new Error();
 * ```
 */
export function levelOfBudget(tokens: number): ReasoningLevel {
  if (tokens <= 0) return "none";
  const fitting = REASONING_LEVELS.findLast((level) => level !== "max" && BUDGETS[level] <= tokens);
  return fitting === undefined || fitting === "none" ? "minimal" : fitting;
}

type Amount = Pick<ReasoningWish, "level" | "budgetTokens">;

/** One vendor's words for it. */
interface Wording {
  /** The first of these that the request has is the wish's `field`. */
  readonly fields: readonly string[];
  /** Null: it says nothing of how much, or in words that nobody knows. */
  readonly read: (request: ChatRequest) => Amount | null;
}

/** THE TABLE of wordings; the first that says something counts. */
const WORDINGS: readonly Wording[] = [
  // https://platform.openai.com/docs/api-reference/chat/create
  { fields: ["reasoning_effort"], read: (request) => ofLevel(request["reasoning_effort"]) },
  // https://openrouter.ai/docs/use-cases/reasoning-tokens
  { fields: ["reasoning"], read: (request) => readOpenrouter(request["reasoning"]) },
  // https://platform.claude.com/docs/en/build-with-claude/extended-thinking
  { fields: ["thinking"], read: (request) => readAnthropic(request["thinking"]) },
  // https://docs.ollama.com/capabilities/thinking
  { fields: ["think"], read: ({ think }) => ofSwitch(think) ?? ofLevel(think) },
  // https://www.alibabacloud.com/help/en/model-studio/deep-thinking
  { fields: ["enable_thinking", "thinking_budget"], read: readQwen },
  // https://docs.vllm.ai/en/latest/features/reasoning_outputs.html
  {
    fields: ["chat_template_kwargs"],
    read: (request) => ofSwitch(valueAt(request["chat_template_kwargs"], "enable_thinking")),
  },
];

/** Every top-level field that can say how much to reason. */
export const REASONING_FIELDS: readonly string[] = WORDINGS.flatMap(({ fields }) => fields);

/**
 * Reads the wish of a request; null when it has none, or names a level that nobody knows (a dialect
 * then has to pass the field on, or to report it as dropped). `reasoning_effort` counts before
 * OpenRouter's `reasoning`, that before Anthropic's `thinking`, Ollama's `think`, Qwen's
 * `enable_thinking` with `thinking_budget`, and `chat_template_kwargs.enable_thinking`.
 *
 * @example
 * ```ts
 * import { readReasoning } from "./reasoning.ts";
 * const messages = [{ role: "user", content: "Hi" }] as const;
 * const wish = readReasoning({ model: "m", messages, thinking: { type: "enabled", "budget_tokens": 9000 } });
 * if (wish?.level !== "medium" || wish.budgetTokens !== 9000) throw new Error();
 * ```
 */
export function readReasoning(request: ChatRequest): ReasoningWish | null {
  for (const { fields, read } of WORDINGS) {
    const present = fields.filter((field) => (valueAt(request, field) ?? null) !== null);
    const [field] = present;
    const amount = field === undefined ? null : read(request);
    if (field !== undefined && amount !== null) return { ...amount, field, fields: present };
  }
  return null;
}

function ofLevel(value: JsonValue | undefined): Amount | null {
  const level = REASONING_LEVELS.find((known) => known === value);
  return level === undefined ? null : { level, budgetTokens: null };
}

function ofSwitch(value: JsonValue | undefined): Amount | null {
  if (typeof value !== "boolean") return null;
  return { level: value ? PLAIN_LEVEL : "none", budgetTokens: null };
}

/** A negative budget leaves the amount to the model, at those who know that. */
function ofBudget(tokens: number | undefined): Amount | null {
  if (tokens === undefined) return null;
  if (tokens < 0) return { level: PLAIN_LEVEL, budgetTokens: null };
  return { level: levelOfBudget(tokens), budgetTokens: tokens };
}

function readOpenrouter(reasoning: JsonValue | undefined): Amount | null {
  if (valueAt(reasoning, "enabled") === false) return ofSwitch(false);
  const effort = valueAt(reasoning, "effort") ?? null;
  if (effort !== null) return ofLevel(effort);
  return ofBudget(numberAt(reasoning, "max_tokens")) ?? ofSwitch(valueAt(reasoning, "enabled"));
}

function readAnthropic(thinking: JsonValue | undefined): Amount | null {
  const type = stringAt(thinking, "type");
  if (type === "disabled") return ofSwitch(false);
  if (type !== "enabled" && type !== "adaptive") return null;
  return ofBudget(numberAt(thinking, "budget_tokens")) ?? ofSwitch(true);
}

function readQwen(request: ChatRequest): Amount | null {
  const isOn = ofSwitch(request["enable_thinking"]);
  if (isOn?.level === "none") return isOn;
  return ofBudget(numberAt(request, "thinking_budget")) ?? isOn;
}
