/**
 * Housekeeping: what clients ask on their own account (a title for a chat, tags, a commit message)
 * and what a small model does as well as a large one.
 */

import { HOUSEKEEPING, type HousekeepingKind } from "./housekeeping_table.ts";

/** A housekeeping prompt. */
export interface Housekeeping {
  /** Its row in the table, such as `chat-title`. */
  readonly name: string;
  /** What it is, such as "a chat title". */
  readonly words: string;
}

/** Instructions stand at the beginning of a text, or after what they are about. */
const HEAD_CHARS = 1_200;
const TAIL_CHARS = 600;

/** A system prompt says at once what its model is for. */
const SYSTEM_CHARS = 700;

/**
 * Finds out whether the ask, or the system prompt that it comes with, is housekeeping; null when it
 * is not. The same words in an ordinary task ("build a title generator") are none.
 *
 * @example
 * ```ts
 * import { findHousekeeping } from "./housekeeping.ts";
 * const found = findHousekeeping({ ask: "Write a commit message for this diff", system: "" });
 * if (found?.name !== "commit-message") throw new Error(found?.name);
 * const task = { ask: "Implement a title generator in React", system: "" };
 * if (findHousekeeping(task) !== null) throw new Error();
 * ```
 */
export function findHousekeeping(
  { ask, system }: { readonly ask: string; readonly system: string },
): Housekeeping | null {
  const start = system.slice(0, SYSTEM_CHARS);
  const kind = HOUSEKEEPING.find((row) => hasMatch(row.system, [start])) ?? findInAsk(ask);
  return kind === undefined ? null : { name: kind.name, words: kind.words };
}

function findInAsk(ask: string): HousekeepingKind | undefined {
  const text = ask.trim();
  const head = text.slice(0, HEAD_CHARS);
  if (BUILDING.test(head)) return undefined;
  const ends = [head, text.slice(-TAIL_CHARS).split("\n").at(-1)?.trim() ?? ""];
  const whole = text.length <= HEAD_CHARS ? [text] : [];
  const found = HOUSEKEEPING.find((row) => hasMatch(row.ask, ends) || hasMatch(row.whole, whole));
  if (found !== undefined) return found;
  if (ends.some((end) => OTHER_WORK.test(withoutDiffs(end)))) return undefined;
  return HOUSEKEEPING.find((row) => hasMatch(row.user, ends));
}

function hasMatch(patterns: readonly RegExp[] | undefined, texts: readonly string[]): boolean {
  return texts.some((text) => patterns?.some((pattern) => pattern.test(text)) ?? false);
}

/** A task about a program, whatever else it names. */
const BUILDING =
  /^(?:(?:please|now|can you|could you|let['’]?s|i want you to|help me)[, ]+){0,2}(?:implement|build|fix|refactor|debug|develop|design|add|migrate|rewrite|optimi[sz]e|port|integrate)\b/i;

/** Another task beside the small one. */
const OTHER_WORK =
  /\b(?:then|also|and|after that|afterwards|next),? (?:please )?(?:implement|build|fix|refactor|debug|rewrite|migrate|optimi[sz]e|find|develop|deploy|design|solve|explain|review|prove|add|update|make sure)\b/i;

/** The changes are what a commit message is about: their words are no task. */
function withoutDiffs(text: string): string {
  const start = text.search(/^(?:diff --git|--- a\/|\+\+\+ b\/|@@ |```)/m);
  return start < 0 ? text : text.slice(0, start);
}
