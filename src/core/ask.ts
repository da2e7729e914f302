/** What the user asks, without what clients wrap around it: for judging difficulty only. */

import { type ChatMessage, textOfContent } from "./chat.ts";
import { readTurns, type Turn } from "./turn.ts";

/** The ask of a conversation. */
export interface Ask {
  /** The newest words of the user, without wrapping. */
  readonly text: string;
  /** They say that the answer before them was not right. */
  readonly isCorrection: boolean;
  /** The asks that the newest words correct or let go on, newest first: they are asked still. */
  readonly earlier: readonly string[];
  /** The client's wrapping was taken away, here or in a later message. */
  readonly isUnwrapped: boolean;
}

/**
 * Reads the ask from a conversation: the newest user message that says something, without the
 * reminders, files and tool results around it; the newest one as it is when none says anything.
 *
 * @example
 * ```ts
 * import { readAsk } from "./ask.ts";
 * const content = "<task>Rename a to b</task><environment_details>…</environment_details>";
 * const { text } = readAsk([{ "role": "user", "content": content }]);
 * if (text !== "Rename a to b") throw new Error(text);
 * ```
 */
export function readAsk(
  messages: readonly ChatMessage[],
  turns: readonly Turn[] = readTurns(messages),
): Ask {
  const [newest, ...others] = turns.filter(({ text }) => text !== "");
  if (newest === undefined) {
    const original = messages.findLast(({ role }) => role === "user");
    const text = textOfContent(original?.content);
    return { text, isCorrection: false, earlier: [], isUnwrapped: false };
  }
  const { text, kind, isUnwrapped, index } = newest;
  return {
    text,
    isCorrection: kind === "correction",
    earlier: others.map((turn) => turn.text),
    isUnwrapped: isUnwrapped || turns.some((turn) => turn.index > index && turn.isUnwrapped),
  };
}
