/** The user's turns of a conversation: what each message with the role `user` really is. */

import { COMPLAINT_OPENINGS, OUTPUT_TEXTS, REACT_ACTION, REACT_RESULT } from "./ask_table.ts";
import { saysSomething } from "./ask_tags.ts";
import { beginsWith, isClientText, pickUserWords, unwrapText } from "./ask_text.ts";
import { type ChatMessage, isTextPart, textOfContent } from "./chat.ts";
import { isCorrection, isGoAhead, isRefusal, isReply } from "./correction.ts";

/**
 * What a user message is. `ask`: something new. `correction`: the answer before was not right.
 * `go-ahead`: nothing but "go on", or the answer to a question of the assistant's. `output`: a tool's result. `complaint`: a client's own words on
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

/** A longer conversation is read so many user messages or characters back, then only its first. */
const MAX_TURNS = 200;
const MAX_CHARS = 600_000;

/**
 * The user's turns, newest first, back to the newest that asks something new: what came before
 * that is another matter.
 */
export function readTurns(messages: readonly ChatMessage[]): readonly Turn[] {
  const turns: Turn[] = [];
  const firstAnswer = messages.findIndex(({ role }) => role === "assistant" || role === "tool");
  let chars = 0;
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index];
    if (message?.role !== "user") continue;
    const hasAnswer = firstAnswer >= 0 && firstAnswer < index;
    turns.push(readTurn(message, { index, hasAnswer, before: findBefore(messages, index) }));
    if (turns.at(-1)?.kind === "ask") return turns;
    chars += lengthOf(message);
    if (turns.length === MAX_TURNS || chars > MAX_CHARS) break;
  }
  const index = messages.findIndex(({ role }) => role === "user");
  const first = messages[index];
  const isRead = turns.some((turn) => turn.index === index);
  return first === undefined || isRead
    ? turns
    : [...turns, readTurn(first, { index, hasAnswer: false, before: "" })];
}

/** A client may put so many messages of its own between an answer and the user's. */
const MAX_BETWEEN = 8;

/** The end of what the assistant said before. */
function findBefore(messages: readonly ChatMessage[], index: number): string {
  for (let at = index - 1; at >= Math.max(0, index - MAX_BETWEEN); at--) {
    const message = messages[at];
    if (message?.role === "assistant") return textOfContent(message.content).slice(-600);
    if (message?.role !== "user") return "";
  }
  return "";
}

function lengthOf(message: ChatMessage): number {
  return textsOf(message).reduce((sum, text) => sum + text.length, 0);
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
    const { text } = readTurn(message, { index: 0, hasAnswer: false, before: "" });
    if (text !== "") return text;
  }
  return textOfContent(first.content);
}

/** Where a message stands. */
interface Place {
  readonly index: number;
  readonly hasAnswer: boolean;
  /** What the assistant said last before it. */
  readonly before: string;
}

function readTurn(message: ChatMessage, place: Place): Turn {
  const { index } = place;
  const texts = textsOf(message);
  if (texts.some((text) => isOutput(text, place))) {
    const words = texts.map(pickUserWords).filter((text) => text !== "").join("\n");
    const isSaid = saysSomething(words);
    const isAnswer = texts.some((text) => text.includes("</answer>"));
    const kind = !isSaid ? "output" : isAnswer ? "go-ahead" : kindOf(words, place);
    return { index, kind, text: isSaid ? words : "", isUnwrapped: true };
  }
  const unwrapped = texts.map(unwrapText);
  const isUnwrapped = unwrapped.some((text, at) => text !== texts[at]);
  const text = unwrapped.filter((text) => !isUnwrapped || text !== "").join("\n");
  if (saysSomething(text)) return { index, kind: kindOf(text, place), text, isUnwrapped };
  const isComplaint = texts.some((text) => beginsWith(text, COMPLAINT_OPENINGS));
  return { index, kind: isComplaint ? "complaint" : "wrapping", text: "", isUnwrapped };
}

function isOutput(text: string, { before }: Place): boolean {
  if (isClientText(text, OUTPUT_TEXTS)) return true;
  return beginsWith(text, [REACT_RESULT]) && REACT_ACTION.test(before);
}

function textsOf({ content }: ChatMessage): readonly string[] {
  if (!Array.isArray(content)) return [textOfContent(content)];
  return content.filter(isTextPart).map(({ text }) => text);
}

function kindOf(text: string, { hasAnswer, before }: Place): TurnKind {
  if (!hasAnswer) return "ask";
  if (isGoAhead(text) || isRefusal(text, before)) return "go-ahead";
  if (isCorrection(text)) return "correction";
  return isReply(text, before) ? "go-ahead" : "ask";
}
