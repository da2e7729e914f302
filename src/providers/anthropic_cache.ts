/** The number of prompt-cache marks that Anthropic accepts. */

import { type JsonObject, stringAt } from "../core/json.ts";
import type { CacheMark } from "./anthropic_block.ts";
import type { Turn } from "./anthropic_messages.ts";

/** https://platform.claude.com/docs/en/build-with-claude/prompt-caching: four breakpoints. */
const MAX_MARKS = 4;

/** https://platform.claude.com/docs/en/build-with-claude/prompt-caching: it is found so many blocks before a mark. */
const LOOKBACK_BLOCKS = 20;

/** The parts of a request that can carry marks, in the order in which the vendor reads them. */
export interface MarkedParts {
  readonly tools: readonly JsonObject[];
  readonly system: readonly JsonObject[];
  readonly turns: readonly Turn[];
}

/** The parts with marks that the vendor takes, and the request's own mark, which comes last. */
export interface SoundMarks extends MarkedParts {
  readonly mark: CacheMark;
}

/**
 * Keeps the last marks, at most four with the request's own: a later mark caches all before it. No
 * mark may live longer than one before it.
 */
export function limitCacheMarks(parts: MarkedParts, mark: CacheMark): SoundMarks {
  const kept = stripFirstMarks(parts, Object.keys(mark).length);
  let hasShort = false;
  const shorten = <T extends JsonObject>(block: T): T => {
    const nested = block["content"];
    const inner = Array.isArray(nested) ? { ...block, "content": nested.map(shorten) } : block;
    if (inner["cache_control"] === undefined) return inner;
    const isLong = stringAt(inner["cache_control"], "ttl") === "1h";
    hasShort ||= !isLong;
    return isLong && hasShort ? { ...inner, "cache_control": { "type": "ephemeral" } } : inner;
  };
  return { ...mapBlocks(kept, shorten), mark: shorten({ ...mark }) };
}

function stripFirstMarks(parts: MarkedParts, others: number): MarkedParts {
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
  return mapBlocks(parts, strip);
}

/** Changes every block, in the order in which the vendor reads them. */
function mapBlocks(parts: MarkedParts, change: <T extends JsonObject>(block: T) => T): MarkedParts {
  return {
    tools: parts.tools.map((tool) => change(tool)),
    system: parts.system.map((block) => change(block)),
    turns: parts.turns.map((turn) => ({ ...turn, "content": turn.content.map(change) })),
  };
}

/**
 * Marks what later requests will begin with, where the client marks nothing: tools and system
 * prompt, which other conversations share; and, in a conversation that may go on (somebody reads
 * along, or it has tools or an answer already), its end now and its end a turn ago, which is in the
 * cache. A long one may come back from another model after many blocks, more than the vendor looks
 * back from a mark: a third mark lets it look twice as far, for which that of the tools is given up,
 * which the one of the system prompt covers. The lone question of a script is not marked: writing to the cache costs a quarter more, and
 * nobody would read it. The vendor passes over marks of prefixes that are too short.
 * https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
export function addCacheMarks(
  parts: MarkedParts,
  { mark, isRead }: { readonly mark: CacheMark; readonly isRead: boolean },
): SoundMarks {
  const blocks = [...parts.tools, ...parts.system, ...parts.turns.flatMap((turn) => turn.content)];
  if (Object.keys(mark).length > 0 || blocks.some((block) => countMarks(block) > 0)) {
    return limitCacheMarks(parts, mark);
  }
  const { tools, system, turns } = parts;
  const goesOn = isRead || tools.length > 0 || turns.some((turn) => turn.role === "assistant");
  const [now = -1, before = -1] = goesOn ? findUserTurns(turns) : [];
  const far = findFarTurn(turns, before);
  const marked = new Set([now, before, far]);
  return {
    tools: far >= 0 && system.length > 0 ? tools : markLastBlock(tools),
    system: markLastBlock(system),
    turns: turns.map((turn, index) =>
      marked.has(index) ? { ...turn, "content": markLastBlock(turn.content) } : turn
    ),
    mark,
  };
}

/** The first of the user's turns that the vendor finds from the mark of this one; -1: it finds the beginning. */
function findFarTurn(turns: readonly Turn[], from: number): number {
  let blocks = 0;
  let far = -1;
  for (let index = from - 1; index >= 0; index--) {
    blocks += turns[index + 1]?.content.length ?? 0;
    if (blocks >= LOOKBACK_BLOCKS) return far;
    if (turns[index]?.role === "user") far = index;
  }
  return -1;
}

/** The places of the user's turns, last one first. */
function findUserTurns(turns: readonly Turn[]): readonly number[] {
  return turns.flatMap((turn, index) => turn.role === "user" ? [index] : []).reverse();
}

function markLastBlock<T extends JsonObject>(blocks: readonly T[]): readonly T[] {
  return blocks.map((block, index) =>
    index === blocks.length - 1 ? { ...block, "cache_control": { "type": "ephemeral" } } : block
  );
}

function countMarks(block: JsonObject): number {
  const nested = block["content"];
  const inner = Array.isArray(nested)
    ? nested.reduce((count: number, item: JsonObject) => count + countMarks(item), 0)
    : 0;
  return inner + (block["cache_control"] === undefined ? 0 : 1);
}
