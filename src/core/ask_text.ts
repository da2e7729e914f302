/** One text of a user message without what its client wrapped around the ask. */

import {
  ASK_TEMPLATES,
  ENVELOPE_LINE,
  GIT_PARAGRAPH,
  LEADING_TIME,
  TAGS,
  type TagUse,
  TAIL_OPENINGS,
  WRAPPING_OPENINGS,
} from "./ask_table.ts";

/** Of a longer text only the two ends are read, half of this each. */
const MAX_CHARS = 100_000;

/** The openings are looked for in so many characters. */
const OPENING_CHARS = 600;

/** A document longer than this is shortened, and what stays of it. */
interface Shortening {
  readonly above: number;
  readonly head: number;
  readonly tail: number;
}

/** A file that a client attached: hardly part of the ask. */
const ATTACHMENT: Shortening = { above: 600, head: 400, tail: 200 };

/** What somebody pasted: part of the ask while it is a snippet. */
const PASTED: Shortening = { above: 2_000, head: 400, tail: 200 };

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
  if (beginsWith(whole, WRAPPING_OPENINGS)) return "";
  const steps = [removeTags, pickFromTemplate, removeTail, shortenFences, removeEnvelope];
  const inner = steps.reduce((rest, step) => step(rest), whole);
  if (inner === whole) return text;
  return inner.replace(/\n{3,}/g, "\n\n").trim();
}

/** The text inside the tags that hold a user's words, in a text that is otherwise a tool's. */
export function pickUserWords(text: string): string {
  const pairs = pairTags(text.slice(-MAX_CHARS));
  return pairs.filter(({ use }) => use === "ask" || use === "inside")
    .map(({ inside }) => inside.trim()).filter((words) => words !== "").join("\n");
}

/** Whether the text, spaces aside, begins in one of these ways. */
export function beginsWith(text: string, openings: readonly RegExp[]): boolean {
  const head = text.slice(0, OPENING_CHARS).trimStart();
  return openings.some((opening) => opening.test(head));
}

/** A tag with all that it encloses. */
interface TagPair {
  readonly use: TagUse | undefined;
  readonly inside: string;
  readonly start: number;
  readonly end: number;
  /** Begins and ends a line: a document, not a mark within a sentence. */
  readonly isBlock: boolean;
}

/** The name has no quantifier without a bound, so that a text of `<` alone takes linear time. */
const TAG = /<(\/?)([A-Za-z][\w.:-]{0,60})(?:\s[^<>]{0,300})?>/g;

/** Each tag with its first closing one, in their order; a tag within a known one is not told. */
function pairTags(text: string): readonly TagPair[] {
  const open = new Map<string, { readonly start: number; readonly from: number }>();
  const pairs: TagPair[] = [];
  for (const match of text.matchAll(TAG)) {
    const [tag, slash = "", name = ""] = match;
    if (tag.endsWith("/>")) continue;
    const key = name.replaceAll("-", "_");
    const end = match.index + tag.length;
    const opened = open.get(key);
    if (slash === "") {
      if (opened === undefined) open.set(key, { start: match.index, from: end });
      continue;
    }
    if (opened === undefined) continue;
    open.delete(key);
    const { start, from } = opened;
    const isBlock = isLineStart(text, start) && isLineEnd(text, end);
    pairs.push({ use: TAGS.get(key), inside: text.slice(from, match.index), start, end, isBlock });
  }
  return pairs.sort((one, other) => one.start - other.start);
}

function isLineStart(text: string, at: number): boolean {
  return at === 0 || text[at - 1] === "\n";
}

function isLineEnd(text: string, at: number): boolean {
  return at === text.length || text[at] === "\n" || text[at] === "\r";
}

/** An ask that stands in a tag is all; else each tag by its use, and long documents shortened. */
function removeTags(text: string): string {
  if (!text.includes("</")) return text;
  const pairs = pairTags(text);
  const asks = pairs.filter(({ use }) => use === "ask").map(({ inside }) => inside.trim())
    .filter((inside) => inside !== "");
  if (asks.length > 0) return asks.join("\n");
  const pieces: string[] = [];
  const isEnclosing = findEnclosing(pairs);
  let position = 0;
  for (const pair of pairs) {
    if (pair.start < position || (pair.use === undefined && isEnclosing(pair))) continue;
    const replaced = replaceTag(pair, text);
    if (replaced === null) continue;
    pieces.push(text.slice(position, pair.start), replaced);
    position = pair.end;
  }
  return pieces.length === 0 ? text : pieces.join("") + text.slice(position);
}

/** Tells which tags stand around known ones: those are looked into, not shortened. */
function findEnclosing(pairs: readonly TagPair[]): (pair: TagPair) => boolean {
  const known = pairs.filter(({ use }) => use !== undefined);
  // The first end of all that begin from here on, so that each question takes no walk.
  const firstEnds: number[] = [];
  for (let index = known.length - 1; index >= 0; index--) {
    firstEnds[index] = Math.min(known[index]?.end ?? Infinity, firstEnds[index + 1] ?? Infinity);
  }
  let next = 0;
  return ({ start, end }) => {
    while (next < known.length && (known[next]?.start ?? Infinity) <= start) next++;
    return (firstEnds[next] ?? Infinity) < end;
  };
}

/** What stands for the tag; null when it stays as it is. */
function replaceTag({ use, inside, start, end, isBlock }: TagPair, text: string): string | null {
  switch (use) {
    case "wrapping":
      return "\n";
    case "ask":
    case "inside":
      return `\n${removeTags(inside).trim()}\n`;
    case "attachment":
      return inside.length > ATTACHMENT.above ? shorten(text.slice(start, end), ATTACHMENT) : null;
    case undefined:
      return isBlock && inside.length > PASTED.above
        ? shorten(text.slice(start, end), PASTED)
        : null;
  }
}

function shorten(text: string, { head, tail }: Shortening): string {
  return `${text.slice(0, head)}\n…\n${text.slice(-tail)}`;
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
  const start = text.replace(LEADING_TIME, "");
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

function isEnvelope(line: string): boolean {
  return line.trim() === "" || (line.length < 400 && ENVELOPE_LINE.test(line.trim()));
}
