/** The tags of a user message: which ones a client wrote around the ask, and what stands in them. */

import { COMMON_TAGS, TAGS, type TagUse } from "./ask_table.ts";

/** A document longer than this is shortened, and what stays of it. */
export interface Shortening {
  readonly above: number;
  readonly head: number;
  readonly tail: number;
}

/** A file that a client attached: hardly part of the ask. */
export const ATTACHMENT: Shortening = { above: 600, head: 400, tail: 200 };

/** What somebody pasted: part of the ask while it is a snippet. */
export const PASTED: Shortening = { above: 2_000, head: 400, tail: 200 };

/** The two ends of a long document. */
export function shorten(text: string, { head, tail }: Shortening): string {
  return `${text.slice(0, head)}\n…\n${text.slice(-tail)}`;
}

/** Whether a text has a letter or a digit of any script, or an emoji. */
export function saysSomething(text: string): boolean {
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(text);
}

/** The tags in which clients put what a user says beside a tool's result. */
const WORDS_TAGS: ReadonlySet<string> = new Set(
  "user_query userRequest user_message user_feedback feedback answer".split(" "),
);

/** The text inside the tags that hold a user's words, in a text that is otherwise a tool's. */
export function pickWords(text: string): string {
  return pairTags(text).filter(({ name }) => WORDS_TAGS.has(name))
    .map(({ inside }) => inside.trim()).filter((words) => words !== "").join("\n");
}

/** A tag with all that it encloses. */
interface TagPair {
  /** With `-` as `_`. */
  readonly name: string;
  readonly use: TagUse | undefined;
  readonly inside: string;
  readonly start: number;
  readonly end: number;
  /** Begins and ends a line: a document, not a mark within a sentence. */
  readonly isBlock: boolean;
}

/**
 * A tag, or the line of a fence. The name has no quantifier without a bound, so that a text of `<`
 * alone takes linear time; the look-ahead keeps a line of marks from being tried at each length.
 */
const MARK =
  /<(\/?)([A-Za-z][\w.:-]{0,60})(?:\s[^<>]{0,300})?>|^[ \t]{0,3}(`{3,}|~{3,})(?![`~])([^\n`]*)$/gm;

/**
 * Each tag with its first closing one, in their order. Known tags are those that begin and end
 * lines; code in a fence has none, but a fence within a known tag does not count.
 */
function pairTags(text: string): readonly TagPair[] {
  const open = new Map<string, { readonly start: number; readonly from: number }>();
  const pairs: TagPair[] = [];
  let [knownOpen, fence]: [number, string | null] = [0, null];
  for (const match of text.matchAll(MARK)) {
    const [mark, slash, rawName, marks, info = ""] = match;
    if (marks !== undefined) {
      if (fence !== null) fence = marks.startsWith(fence) && info.trim() === "" ? null : fence;
      else if (knownOpen === 0) fence = marks;
      continue;
    }
    if (fence !== null || rawName === undefined || mark.endsWith("/>")) continue;
    const name = rawName.replaceAll("-", "_");
    const [start, end] = [match.index, match.index + mark.length];
    const use = TAGS.get(name);
    const opened = open.get(name);
    if (slash === "") {
      if (opened !== undefined || (use !== undefined && !isLineStart(text, start))) continue;
      open.set(name, { start, from: end });
      if (use !== undefined) knownOpen++;
    } else if (opened !== undefined && (use === undefined || isEnd(text, { name, opened, end }))) {
      open.delete(name);
      if (use !== undefined) knownOpen--;
      const isBlock = isLineStart(text, opened.start) && isLineEnd(text, end);
      const inside = text.slice(opened.from, start);
      pairs.push({ name, use, inside, start: opened.start, end, isBlock });
    }
  }
  return pairs.sort((one, other) => one.start - other.start);
}

/** A known tag ends a line, unless it is the first of all and no person's. */
function isEnd(
  text: string,
  tag: { readonly name: string; readonly opened: { readonly start: number }; readonly end: number },
): boolean {
  const isFirst = tag.opened.start === 0 && TAGS.get(tag.name) === "wrapping";
  return (isFirst && !COMMON_TAGS.has(tag.name)) || isLineEnd(text, tag.end);
}

/** More spaces than this before or after a tag are none of a client's. */
const MAX_SPACES = 40;

/** Nothing stands before the tag in its line but another tag. */
function isLineStart(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - MAX_SPACES), at).replace(/[ \t]+$/, "");
  if (before === "") return at <= MAX_SPACES;
  return before.endsWith("\n") || before.endsWith(">");
}

/** Nothing stands behind the tag in its line but another tag. */
function isLineEnd(text: string, at: number): boolean {
  const after = text.slice(at, at + MAX_SPACES).replace(/^[ \t]+/, "");
  if (after === "") return at + MAX_SPACES >= text.length;
  return after.startsWith("\n") || after.startsWith("\r") || after.startsWith("<");
}

/** An ask that stands in a tag is all; else each tag by its use, and long documents shortened. */
export function removeTags(text: string): string {
  if (!text.includes("</")) return text;
  const found = pairTags(text);
  const asks = found.filter(({ use, inside }) => use === "ask" && inside.trim() !== "");
  if (asks.length > 0 && !saysSomething(withoutBlocks(text, found))) {
    return asks.map(({ inside }) => inside.trim()).join("\n");
  }
  const isClient = found.some(isClients);
  const pairs = found.map((pair) => ({ ...pair, use: useOf(pair, { text, isClient }) }));
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

/** What stands outside of all blocks. */
function withoutBlocks(text: string, pairs: readonly TagPair[]): string {
  const pieces: string[] = [];
  let position = 0;
  for (const { start, end, isBlock } of pairs) {
    if (!isBlock || start < position) continue;
    pieces.push(text.slice(position, start));
    position = end;
  }
  return pieces.join("") + text.slice(position);
}

/** What the tag means here: a common name is a client's only beside others or by what is in it. */
function useOf(
  { name, use, inside, start }: TagPair,
  { text, isClient }: { readonly text: string; readonly isClient: boolean },
): TagUse | undefined {
  const isLeading = () => start <= MAX_SPACES && text.slice(0, start).trim() === "";
  if (use === "ask") return isLeading() && inside.trim() !== "" ? "inside" : undefined;
  const sign = COMMON_TAGS.get(name);
  if (sign === undefined || sign?.test(inside.slice(0, 200))) return use;
  if (isClient) return use;
  return use === "inside" && isLeading() && inside.trim() !== "" ? use : undefined;
}

/** A tag that no person writes. */
function isClients({ name, use }: TagPair): boolean {
  return use === "wrapping" && !COMMON_TAGS.has(name);
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
