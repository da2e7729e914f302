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
  const isAgent = AGENT.test(start);
  const kind = (isAgent ? undefined : HOUSEKEEPING.find((row) => hasMatch(row.system, [start]))) ??
    findInAsk(ask);
  return kind === undefined ? null : { name: kind.name, words: kind.words };
}

function findInAsk(ask: string): HousekeepingKind | undefined {
  const text = ask.trim();
  const head = text.slice(0, HEAD_CHARS);
  if (BUILDING.test(head)) return undefined;
  const ends = [head, text.slice(-TAIL_CHARS).split("\n").at(-1)?.trim() ?? ""];
  const whole = text.length <= HEAD_CHARS ? [text] : [];
  const template = HOUSEKEEPING.find((row) => hasMatch(row.template, ends));
  if (template !== undefined) return template;
  if (ends.some((end) => OTHER_WORK.test(withoutQuotes(end)))) return undefined;
  return HOUSEKEEPING.find((row) => hasMatch(row.ask, ends) || hasMatch(row.whole, whole)) ??
    HOUSEKEEPING.find((row) => hasMatch(row.user, ends));
}

function hasMatch(patterns: readonly RegExp[] | undefined, texts: readonly string[]): boolean {
  return texts.some((text) => patterns?.some((pattern) => pattern.test(text)) ?? false);
}

/** A task about a program, whatever else it names. */
const BUILDING =
  /^(?:(?:please|now|can you|could you|let['’]?s|i want you to|help me)[, ]+){0,2}(?:implement|build|fix|refactor|debug|develop|design|add|migrate|rewrite|optimi[sz]e|port|integrate)\b/i;

/** A role that does more than the small job. */
const AGENT =
  /\b(?:coding agent|interactive (?:cli|agent)|edits? code|writes? (?:the )?code|implements?|implementing|fix(?:es)? (?:bugs?|issues|the)|(?:and|then) (?:\w+ ){0,3}(?:fix(?:es)?|answers?|solves?|builds?|codes?)) ?\b/i;

const WORK =
  "implement|build|fix|refactor|debug|rewrite|migrate|optimi[sz]e|find|develop|deploy|design|" +
  "solve|explain|review|prove|derive|add|update|squash|train|push|merge|rebase|release|run|make sure|" +
  "translate|answer|analy[sz]e|compare|test|change|improve|create a|write (?:a|the|an) " +
  "(?:function|script|test|program|module|class|design|proof)";

/** Another task beside the small one: after "and" or "then", or in a sentence or line of its own. */
const OTHER_WORK = new RegExp(
  `\\b(?:then|also|and|after that|afterwards|next),? (?:please |to )?(?:${WORK})\\b|` +
    `(?:[.!?;,] |[.!?;,:]?\\n)(?:[-*] )?(?:\\d+[.)] )?(?:then|now|please|also|next|finally|and)?,? ?` +
    `(?:${WORK}) (?:(?:the|a|an|all|each|every|any|our|my|it|its|that|this|them|whether)\\b|\\w+ (?:it|the|a)\\b)`,
  "i",
);

/** What the small job is about, quoted or pasted below it: its words are no task. */
function withoutQuotes(text: string): string {
  const start = text.search(
    /^(?:diff --git|--- a\/|\+\+\+ b\/|@@ |```|<|[-*] |\[\w+[\]:]|#* ?(?:\w+ )?(?:user|assistant|human|conversation|chat history|messages?|ticket|diff|changes?)\b[^\n]{0,20}:|[A-Z]{2,}-\d+)/im,
  );
  const own = start < 0 ? text : text.slice(0, start);
  return own.replace(/["“«'][^"”»'\n]{0,400}["”»']/g, "…");
}
