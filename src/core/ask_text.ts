/** One text of a user message without what its client wrapped around the ask. */

import {
  ASK_TEMPLATES,
  type ClientText,
  ENVELOPE_LINE,
  FEEDBACK_OPENINGS,
  GIT_PARAGRAPH,
  LEADING_TIME,
  TAIL_OPENINGS,
  WRAPPING_TEXTS,
} from "./ask_table.ts";
import { ATTACHMENT, PASTED, pickWords, removeTags, shorten } from "./ask_tags.ts";

/** Of a longer text only the two ends are read, half of this each. */
const MAX_CHARS = 100_000;

/** The openings are looked for in so many characters. */
const OPENING_CHARS = 600;

/**
 * Takes the wrapping of one text away: what is left is what the user asks, empty when that is
 * nothing. A text without wrapping comes back as it is. Takes time linear in the text's length.
 *
 * @example
 * ```ts
 * import { unwrapText } from "./ask_text.ts";
 * const text = "<system-reminder>Be brief.</system-reminder>\nFix the typo";
 * if (unwrapText(text) !== "Fix the typo") throw new Error(unwrapText(text));
 * ```
 */
export function unwrapText(text: string): string {
  const whole = text.length > MAX_CHARS
    ? `${text.slice(0, MAX_CHARS / 2)}\n…\n${text.slice(-MAX_CHARS / 2)}`
    : text;
  if (isClientText(whole, WRAPPING_TEXTS)) return "";
  if (beginsWith(whole, FEEDBACK_OPENINGS)) return pickWords(whole);
  const steps = [
    pickFromTemplate,
    removeTags,
    pickFromTemplate,
    removeTail,
    shortenFences,
    removeEnvelope,
  ];
  const inner = steps.reduce((rest, step) => step(rest), whole);
  if (inner === whole) return text;
  return inner.replace(/\n{3,}/g, "\n\n").trim();
}

/** The user's words in a text that is otherwise a tool's or a client's. */
export function pickUserWords(text: string): string {
  return pickWords(text.slice(-MAX_CHARS));
}

/** Whether the text, spaces aside, begins in one of these ways. */
export function beginsWith(text: string, openings: readonly RegExp[]): boolean {
  const head = text.slice(0, OPENING_CHARS).trimStart();
  return openings.some((opening) => opening.test(head));
}

/** Whether the text, spaces aside, is one of these texts of clients. */
export function isClientText(text: string, texts: readonly ClientText[]): boolean {
  const head = text.slice(0, OPENING_CHARS).trimStart();
  const tail = text.slice(-OPENING_CHARS).trim();
  return texts.some(({ opening, ending }) => opening.test(head) && (ending?.test(tail) ?? true));
}

function pickFromTemplate(text: string): string {
  const template = ASK_TEMPLATES.find(({ opening }) => beginsWith(text, [opening]));
  const at = template === undefined ? -1 : text.lastIndexOf(template.after);
  if (template === undefined || at < 0) return text;
  const rest = text.slice(at + template.after.length);
  const ends = template.before.map((word) => rest.indexOf(word)).filter((end) => end >= 0);
  const picked = rest.slice(0, Math.min(rest.length, ...ends)).trim();
  return picked === "" ? text : picked;
}

function removeTail(text: string): string {
  const ends = TAIL_OPENINGS.map((opening) => text.search(opening)).filter((end) => end >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}

/** The look-ahead keeps a line of marks alone from being tried at each of its lengths. */
const FENCE = /^[ \t]{0,3}(`{3,}|~{3,})(?![`~])([^\n`]*)$/gm;

/** ```` ```ts src/a.ts (1-9) ````, as Continue attaches files; a language alone has no path. */
const FENCED_PATH = /[\w-][/\\][\w.-]|[\w-]\.[a-z]{1,5}\b/i;

/** A path is looked for in so many characters of a fence's line. */
const FENCE_CHARS = 300;

/** Shortens the long fenced blocks, the attached ones sooner. */
function shortenFences(text: string): string {
  const pieces: string[] = [];
  let [position, opened]: [number, RegExpExecArray | null] = [0, null];
  for (const match of text.matchAll(FENCE)) {
    const [line, fence = "", info = ""] = match;
    if (opened === null) {
      opened = match;
      continue;
    }
    const [openLine, openFence = "", openInfo = ""] = opened;
    if (info.trim() !== "" || !fence.startsWith(openFence)) continue;
    const from = opened.index + openLine.length;
    const limit = FENCED_PATH.test(openInfo.slice(0, FENCE_CHARS)) ? ATTACHMENT : PASTED;
    if (match.index - from > limit.above) {
      pieces.push(text.slice(position, from), shorten(text.slice(from, match.index), limit), line);
      position = match.index + line.length;
    }
    opened = null;
  }
  return pieces.length === 0 ? text : pieces.join("") + text.slice(position);
}

/** Takes dates, folders and a repository's state from both ends of the text. */
function removeEnvelope(text: string): string {
  const start = withoutTime(text);
  const paragraphs = start.split(/\n[ \t\r]*\n/);
  const kept = paragraphs.filter((paragraph, index) => {
    const isEnd = index === 0 || index === paragraphs.length - 1;
    return !(isEnd && GIT_PARAGRAPH.test(paragraph.trimStart()));
  });
  const rest = kept.length === paragraphs.length ? start : kept.join("\n\n");
  const lines = rest.split("\n");
  const first = lines.findIndex((line) => !isEnvelope(line));
  const last = lines.findLastIndex((line) => !isEnvelope(line));
  const isBare = lines.slice(0, Math.max(first, 0)).concat(lines.slice(last + 1))
    .every((line) => line.trim() === "");
  return isBare && first >= 0 ? rest : lines.slice(Math.max(first, 0), last + 1).join("\n");
}

/** A log that somebody pasted has more than one time. */
function withoutTime(text: string): string {
  const [time] = LEADING_TIME.exec(text) ?? [];
  if (time === undefined) return text;
  const rest = text.slice(time.length);
  const isLog = rest.split("\n", LOG_LINES).some((line) => LOG_TIME.test(line.slice(0, 60)));
  return isLog ? text : rest;
}

/** So many lines are looked at for another time. */
const LOG_LINES = 40;

const LOG_TIME = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d|^\W?\d\d:\d\d:\d\d/;

function isEnvelope(line: string): boolean {
  return line.trim() === "" || (line.length < 400 && ENVELOPE_LINE.test(line.trim()));
}
