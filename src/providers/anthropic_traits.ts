/** What families of Claude models accept: each quirk is a row of a table, never a branch elsewhere. */

import type { CompatFlags } from "../core/provider.ts";

/** Effort levels of `output_config.effort`, lowest first. */
export const EFFORTS = ["low", "medium", "high", "xhigh", "max"] as const;

/** A level of `output_config.effort`. */
export type Effort = (typeof EFFORTS)[number];

/** What a model accepts. */
export interface ClaudeTraits {
  /** `temperature` and `top_p`: both, only one of them, or neither. */
  readonly sampling: "both" | "one" | "none";
  /** Whether the conversation may end with the start of the assistant's answer. */
  readonly prefill: boolean;
  /** How it thinks: not at all, within a token budget, or as it sees fit. */
  readonly thinking: "none" | "budget" | "adaptive";
  /** Whether `thinking: {type: "disabled"}` is accepted. */
  readonly thinkingCanStop: boolean;
  /** The effort levels it knows; empty: it has no such setting. */
  readonly efforts: readonly Effort[];
  /** Whether it has `output_config.format` and strict tools. */
  readonly structuredOutput: boolean;
}

const BASE: ClaudeTraits = {
  sampling: "both",
  prefill: true,
  thinking: "budget",
  thinkingCanStop: true,
  efforts: [],
  structuredOutput: false,
};

const NEWEST: ClaudeTraits = {
  sampling: "none",
  prefill: false,
  thinking: "adaptive",
  thinkingCanStop: true,
  efforts: EFFORTS,
  structuredOutput: true,
};

/**
 * First match wins; ids are in lower case with dashes for dots.
 * Sources: https://platform.claude.com/docs/en/build-with-claude/structured-outputs,
 * https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking,
 * https://platform.claude.com/docs/en/build-with-claude/effort,
 * https://platform.claude.com/docs/en/api/errors
 */
const FAMILIES: readonly (readonly [RegExp, ClaudeTraits])[] = [
  [/fable|mythos/, { ...NEWEST, thinkingCanStop: false }],
  [/claude-new|opus-4-(?:[7-9]|1\d)(?!\d)|(?:opus|sonnet|haiku)-(?:[5-9]|1\d)(?!\d)/, NEWEST],
  [/opus-4-6/, { ...NEWEST, sampling: "one", efforts: ["low", "medium", "high", "max"] }],
  [/sonnet-4-6/, { ...NEWEST, sampling: "one", efforts: ["low", "medium", "high"] }],
  [
    /opus-4-[15](?!\d)|(?:sonnet|haiku)-4-5(?!\d)/,
    { ...BASE, sampling: "one", structuredOutput: true },
  ],
  [/claude-(?:2|instant|3(?!-7))/, { ...BASE, thinking: "none" }],
];

/**
 * The traits of a model by its id. An id that no family knows (another vendor behind this dialect)
 * has the oldest set: both sampling parameters, prefill, a thinking budget, no structured output.
 * What the config says of its server comes first.
 */
export function traitsOf(modelId: string, compat: CompatFlags = {}): ClaudeTraits {
  const id = modelId.toLowerCase().replaceAll(".", "-");
  const known = FAMILIES.find(([pattern]) => pattern.test(id))?.[1] ?? BASE;
  return {
    ...known,
    sampling: compat.sampling ?? known.sampling,
    prefill: compat.prefill ?? known.prefill,
    thinking: compat.thinking ?? known.thinking,
    structuredOutput: compat.structuredOutput ?? known.structuredOutput,
  };
}
