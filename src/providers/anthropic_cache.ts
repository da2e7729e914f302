/** The number of prompt-cache marks that Anthropic accepts. */

import type { JsonObject } from "../core/json.ts";
import type { Turn } from "./anthropic_messages.ts";

/** https://platform.claude.com/docs/en/build-with-claude/prompt-caching: four breakpoints. */
const MAX_MARKS = 4;

/** The parts of a request that can carry marks, in the order in which the vendor reads them. */
export interface MarkedParts {
  readonly tools: readonly JsonObject[];
  readonly system: readonly JsonObject[];
  readonly turns: readonly Turn[];
}

/**
 * Keeps the last marks, at most four together with `others`: a later mark caches all before it.
 */
export function limitCacheMarks(parts: MarkedParts, others: number): MarkedParts {
  const blocks = [...parts.tools, ...parts.system, ...parts.turns.flatMap((turn) => turn.content)];
  let excess = blocks.reduce((count, block) => count + countMarks(block), others) - MAX_MARKS;
  if (excess <= 0) return parts;
  const strip = <T extends JsonObject>(block: T): T => {
    const nested = block["content"];
    const inner = Array.isArray(nested) ? { ...block, "content": nested.map(strip) } : block;
    if (inner["cache_control"] === undefined || excess <= 0) return inner;
    excess--;
    return { ...inner, "cache_control": undefined };
  };
  return {
    tools: parts.tools.map(strip),
    system: parts.system.map(strip),
    turns: parts.turns.map((turn) => ({ ...turn, "content": turn.content.map(strip) })),
  };
}

function countMarks(block: JsonObject): number {
  const nested = block["content"];
  const inner = Array.isArray(nested)
    ? nested.reduce((count: number, item: JsonObject) => count + countMarks(item), 0)
    : 0;
  return inner + (block["cache_control"] === undefined ? 0 : 1);
}
