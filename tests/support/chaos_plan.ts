/** What chance decides of a chaos run: only the seed and the number of the request count. */

import { FAULT_SCRIPTS, type FaultScript } from "./fault_script.ts";
import { Random } from "./random.ts";
import type { ScriptedAnswer } from "./upstream_wire.ts";

/** The aliases of the chaos run; each has a provider of its own. */
export const CHAOS_ALIASES = ["p0", "p1", "p2", "p3", "p4", "p5"] as const;

/** An answer that begins with this is weak. */
export const CHAOS_MARKER = "CANNOT ANSWER";

/** The rules of the chaos run, by the value of `x-lane`: which aliases are asked, in which order. */
export const CHAOS_LANES: readonly (readonly string[])[] = Array.from({ length: 18 }, (_, lane) => {
  const start = lane % CHAOS_ALIASES.length;
  const order = [...CHAOS_ALIASES.slice(start), ...CHAOS_ALIASES.slice(0, start)];
  const count = [1, 3, CHAOS_ALIASES.length][Math.floor(lane / CHAOS_ALIASES.length)];
  return order.slice(0, count);
});

/** What one client does. */
export interface ClientPlan {
  /** Its `model`, by which the ledger knows it. */
  readonly name: string;
  readonly lane: number;
  readonly prompt: string;
  readonly isStreamed: boolean;
  readonly hasTools: boolean;
  /** Milliseconds after which it leaves, if it has not got everything by then; null: it stays. */
  readonly leaveMs: number | null;
  /** Milliseconds for which it stops reading after the first bytes; 0: it reads on. */
  readonly pauseMs: number;
}

/** Draws the client of this request. */
export function planClient(seed: string, request: number): ClientPlan {
  const random = new Random(`${seed}/${request}/client`);
  const isLeaving = random.chance(0.3);
  return {
    name: `chaos-${request}`,
    lane: random.integer(0, CHAOS_LANES.length - 1),
    prompt: `ask #${request}# ` + "many words ".repeat(random.pick([1, 1, 100, 2_000])),
    isStreamed: random.chance(0.7),
    hasTools: random.chance(0.3),
    leaveMs: isLeaving ? random.integer(0, random.pick([5, 30, 150])) : null,
    pauseMs: random.chance(0.1) ? random.integer(5, 60) : 0,
  };
}

/** What goes wrong within an answer. */
export const BREAKS = ["cut", "reset", "end", "silence", "error", "garbage"] as const;

/** How one upstream answers one request. */
export interface AnswerPlan {
  readonly answer: ScriptedAnswer;
  /** Milliseconds before its head. */
  readonly delayMs: number;
  /** Milliseconds between two pieces of it. */
  readonly paceMs: number;
  /** Whether it is split at random bytes instead of between events. */
  readonly isSplit: boolean;
  /** Instead of an answer. */
  readonly fault: FaultScript | null;
  /** Instead of an answer, "later": after so many milliseconds; null: it does not say that. */
  readonly laterMs: number | null;
  /** How it breaks off, after this share of what comes before its end marker; null: it is whole. */
  readonly breaking: { readonly how: (typeof BREAKS)[number]; readonly share: number } | null;
  /** Draws the bytes at which it is split. */
  readonly random: Random;
}

/** All faults but a minute's limit, after which little else would be seen. */
const QUICK_FAULTS = FAULT_SCRIPTS.filter(({ kinds }) => !kinds.includes("rate_limit"));

/** What an answer is drawn for. */
export interface AnswerKey {
  readonly request: number;
  readonly alias: string;
  /** How often this upstream has been asked by this request before. */
  readonly repetition: number;
  readonly hasTools: boolean;
}

/** Draws how an upstream answers. */
export function planAnswer(seed: string, key: AnswerKey): AnswerPlan {
  const mark = `${key.request}.${key.alias}.${key.repetition}`;
  const random = new Random(`${seed}/${mark}`);
  const isFaulty = random.chance(0.2);
  const isLimited = random.chance(0.15);
  const isBreaking = random.chance(0.2);
  return {
    answer: planText(random, { mark, hasTools: key.hasTools }),
    delayMs: random.chance(0.5) ? 0 : random.integer(1, 20),
    paceMs: random.chance(0.7) ? 0 : random.integer(1, 5),
    isSplit: random.chance(0.3),
    fault: isFaulty ? random.pick(QUICK_FAULTS) : null,
    laterMs: isLimited ? random.integer(0, 80) : null,
    breaking: isBreaking ? { how: random.pick(BREAKS), share: random.next() } : null,
    random,
  };
}

/** What text is made of: some of it looks like framing, some takes several bytes. */
const WORDS = ["word ", "Zürich ", "naïve ", "😀 ", "data: ", "[DONE] ", "\n\n", "\r\n", '"}'];

function planText(
  random: Random,
  { mark, hasTools }: { readonly mark: string; readonly hasTools: boolean },
): ScriptedAnswer {
  const reasoning = random.chance(0.2) ? [`thoughts of ${mark} `, "and more"] : null;
  const text = planPieces(random, mark);
  const hasCall = hasTools && random.chance(0.5);
  const hasText = !hasCall || random.chance(0.3);
  return {
    ...(reasoning === null ? {} : { reasoning }),
    ...(hasText ? { text } : {}),
    ...(hasCall
      ? { calls: [{ id: `call_${mark}`, name: "find", arguments: `{"q":"${mark}"}` }] }
      : {}),
    usage: { input: random.integer(1, 99), output: random.integer(1, 99) },
  };
}

/** The pieces of a text that no other answer has: whole, too short, or with the marker. */
function planPieces(random: Random, mark: string): readonly string[] {
  if (random.chance(0.07)) return [mark];
  const words = Array.from(
    { length: random.integer(8, 30) },
    () => random.pick(WORDS),
  );
  const start = random.chance(0.07) ? [CHAOS_MARKER.slice(0, 5), CHAOS_MARKER.slice(5) + " "] : [];
  return [...start, `${mark} says: `, ...words, "the end."];
}
