/** The user's turns of a conversation: what each message with the role `user` really is. */

import { beginsWith, pickUserWords, unwrapText } from "./ask_text.ts";
import { COMPLAINT_OPENINGS, OUTPUT_OPENINGS } from "./ask_table.ts";
import { type ChatMessage, isTextPart, textOfContent } from "./chat.ts";
import { isCorrection, isGoAhead } from "./correction.ts";

/**
 * What a user message is. `ask`: something new. `correction`: the answer before was not right.
 * `go-ahead`: nothing but "go on". `output`: a tool's result. `complaint`: a client's own words on
 * a bad answer. `wrapping`: nothing that anybody said.
 */
export type TurnKind = "ask" | "correction" | "go-ahead" | "output" | "complaint" | "wrapping";

/** One user message. */
export interface Turn {
  /** Its place among the messages. */
  readonly index: number;
  readonly kind: TurnKind;
  /** What the user says in it, without wrapping; empty where that is nothing. */
  readonly text: string;
  /** Something was taken away. */
  readonly isUnwrapped: boolean;
}

/** A longer conversation is read this many user messages back, then only its first one. */
const MAX_TURNS = 200;

/**
 * The user's turns, newest first, back to the newest that asks something new: what came before
 * that is another matter.
 */
export function readTurns(messages: readonly ChatMessage[]): readonly Turn[] {
  const turns: Turn[] = [];
  const firstAnswer = messages.findIndex(({ role }) => role === "assistant" || role === "tool");
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index];
    if (message?.role !== "user") continue;
    const hasAnswer = firstAnswer >= 0 && firstAnswer < index;
    turns.push(readTurn(message, { index, hasAnswer }));
    if (turns.at(-1)?.kind === "ask") return turns;
    if (turns.length === MAX_TURNS) break;
  }
  const index = messages.findIndex(({ role }) => role === "user");
  const first = messages[index];
  const isRead = turns.some((turn) => turn.index === index);
  return first === undefined || isRead
    ? turns
    : [...turns, readTurn(first, { index, hasAnswer: false })];
}

/** So many user messages are looked at for the opening. */
const MAX_OPENING = 12;

/** Aider shows the model how to answer by a made-up conversation, which ends so. */
const EXAMPLES_END = /^I switched to a new code base/;

/**
 * What a conversation begins with: the first words of the user that are not a client's own, the same
 * in each of its requests; the first user message as it is where none says anything. Null: there is
 * no user message.
 */
export function readOpening(messages: readonly ChatMessage[]): string | null {
  const said = messages.filter(({ role }) => role === "user").slice(0, MAX_OPENING);
  const [first] = said;
  if (first === undefined) return null;
  const end = said.findIndex((message) => EXAMPLES_END.test(textOfContent(message.content)));
  for (const message of said.slice(end + 1)) {
    const { text } = readTurn(message, { index: 0, hasAnswer: false });
    if (text !== "") return text;
  }
  return textOfContent(first.content);
}

function readTurn(
  message: ChatMessage,
  at: { readonly index: number; readonly hasAnswer: boolean },
): Turn {
  const { index, hasAnswer } = at;
  const texts = textsOf(message);
  if (texts.some((text) => beginsWith(text, OUTPUT_OPENINGS))) {
    const words = texts.map(pickUserWords).filter((text) => text !== "").join("\n");
    const isSaid = saysSomething(words);
    const kind = isSaid ? kindOf(words, hasAnswer) : "output";
    return { index, kind, text: isSaid ? words : "", isUnwrapped: true };
  }
  const unwrapped = texts.map(unwrapText);
  const isUnwrapped = unwrapped.some((text, at) => text !== texts[at]);
  const text = unwrapped.filter((text) => !isUnwrapped || text !== "").join("\n");
  if (saysSomething(text)) return { index, kind: kindOf(text, hasAnswer), text, isUnwrapped };
  const isComplaint = texts.some((text) => beginsWith(text, COMPLAINT_OPENINGS));
  return { index, kind: isComplaint ? "complaint" : "wrapping", text: "", isUnwrapped: true };
}

function textsOf({ content }: ChatMessage): readonly string[] {
  if (!Array.isArray(content)) return [textOfContent(content)];
  return content.filter(isTextPart).map(({ text }) => text);
}

function kindOf(text: string, hasAnswer: boolean): TurnKind {
  if (!hasAnswer) return "ask";
  if (isGoAhead(text)) return "go-ahead";
  return isCorrection(text) ? "correction" : "ask";
}

/** A letter or a digit of any script, or an emoji. */
function saysSomething(text: string): boolean {
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(text);
}
