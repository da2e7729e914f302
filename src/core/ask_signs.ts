/** Signs of an ask's form that hold in every language: its length, lines, numbers and marks. */

import { CharKind, type FoldedAsk } from "./folded_ask.ts";

/** The signs, in the order of their values. */
export const SIGN_NAMES = [
  "length",
  "opening",
  "lines",
  "bullets",
  "words",
  "wordLength",
  "numbers",
  "sentences",
  "questions",
  "commas",
  "colons",
  "parentheses",
  "quotes",
  "fences",
  "codeMarks",
  "formulaMarks",
  "foreign",
  "capitals",
] as const;

/** The name of a sign. */
export type SignName = (typeof SIGN_NAMES)[number];

/** Marks that are counted as they are, by sign. */
const MARKS: Readonly<Partial<Record<SignName, string>>> = {
  lines: "\n",
  questions: "?？؟",
  commas: ",，、،",
  colons: ":：",
  parentheses: "(（",
  quotes: "\"“”„«»「」'`",
  codeMarks: "{};=<>[]",
  formulaMarks: "$\\^",
};

const SIGN = {
  length: SIGN_NAMES.indexOf("length"),
  opening: SIGN_NAMES.indexOf("opening"),
  bullets: SIGN_NAMES.indexOf("bullets"),
  words: SIGN_NAMES.indexOf("words"),
  wordLength: SIGN_NAMES.indexOf("wordLength"),
  numbers: SIGN_NAMES.indexOf("numbers"),
  sentences: SIGN_NAMES.indexOf("sentences"),
  fences: SIGN_NAMES.indexOf("fences"),
  foreign: SIGN_NAMES.indexOf("foreign"),
  capitals: SIGN_NAMES.indexOf("capitals"),
};

/** For each UTF-16 unit the sign that it counts for, and one more; 0 is none. */
const SIGN_OF_UNIT: Uint8Array = tabulateSigns();

function tabulateSigns(): Uint8Array {
  const table = new Uint8Array(1 << 16);
  table.fill(SIGN.foreign + 1, 128);
  table.fill(SIGN.capitals + 1, 65, 91);
  for (const [sign, name] of SIGN_NAMES.entries()) {
    for (const mark of MARKS[name] ?? "") table[mark.charCodeAt(0)] = sign + 1;
  }
  return table;
}

/** Lengths below this many characters are taken as alike. */
const SHORTEST_CHARS = 20;

/** Beside the folded text, what it was folded from. */
export interface SignOptions {
  /** The part of the ask that is read. */
  readonly clipped: string;
  /** How long all of the ask is. */
  readonly chars: number;
}

/** Values of the signs of an ask. */
export function signsOf(text: FoldedAsk, { clipped, chars }: SignOptions): Float64Array {
  const values = countMarks(clipped);
  const read = Math.max(1, clipped.length);
  const [foreign, capitals] = [values[SIGN.foreign] ?? 0, values[SIGN.capitals] ?? 0];
  const { words, letters, numbers, sentences } = countWords(text);
  values[SIGN.bullets] = countBullets(clipped);
  values[SIGN.words] = words;
  values[SIGN.wordLength] = letters / Math.max(1, words);
  values[SIGN.numbers] = numbers;
  values[SIGN.sentences] = sentences;
  for (let sign = 0; sign < values.length; sign++) values[sign] = Math.log1p(values[sign] ?? 0);
  values[SIGN.length] = Math.log(chars + SHORTEST_CHARS);
  values[SIGN.opening] = Math.log(measureOpening(clipped) + SHORTEST_CHARS);
  values[SIGN.fences] = clipped.includes("```") ? 1 : 0;
  values[SIGN.foreign] = foreign / read;
  values[SIGN.capitals] = capitals / read;
  return values;
}

/** The characters before the first empty line. */
function measureOpening(clipped: string): number {
  const text = clipped.trimStart();
  const end = text.indexOf("\n\n");
  return end < 0 ? text.length : end;
}

/** How many units count for each sign; what is beyond ASCII and a mark counts as foreign as well. */
function countMarks(clipped: string): Float64Array {
  const counts = new Float64Array(SIGN_NAMES.length);
  for (let index = 0; index < clipped.length; index++) {
    const code = clipped.charCodeAt(index);
    const sign = (SIGN_OF_UNIT[code] ?? 0) - 1;
    if (sign < 0) continue;
    counts[sign] = (counts[sign] ?? 0) + 1;
    if (code >= 128 && sign !== SIGN.foreign) {
      counts[SIGN.foreign] = (counts[SIGN.foreign] ?? 0) + 1;
    }
  }
  return counts;
}

interface WordCounts {
  readonly words: number;
  readonly letters: number;
  readonly numbers: number;
  readonly sentences: number;
}

/** Words, their letters, numbers, and ends of sentences; an ideograph counts as a word. */
function countWords({ codes, kinds, length }: FoldedAsk): WordCounts {
  let [words, letters, numbers, sentences] = [0, 0, 0, 0];
  for (let index = 1; index < length; index++) {
    const [kind, before] = [kinds[index], kinds[index - 1]];
    if (kind === CharKind.ideograph) words++;
    if (kind === CharKind.letter) {
      letters++;
      if (before !== CharKind.letter) words++;
    } else if (kind === CharKind.digit && before !== CharKind.digit) numbers++;
    else if (kind === CharKind.mark && isEnd(codes[index], kinds[index + 1])) sentences++;
  }
  return { words, letters, numbers, sentences };
}

/** Whether a full stop, a question or an exclamation mark ends a sentence; Chinese puts no space. */
function isEnd(code: number | undefined, next: number | undefined): boolean {
  if (code === 0x3002 || code === 0xff1f || code === 0xff01 || code === 0x964) return true;
  const isStop = code === 46 || code === 63 || code === 33 || code === 0x61f;
  return isStop && next === CharKind.space;
}

function countBullets(clipped: string): number {
  let bullets = 0;
  for (let at = clipped.indexOf("\n"); at >= 0; at = clipped.indexOf("\n", at + 1)) {
    const mark = clipped.charCodeAt(at + 1);
    const isNumber = mark >= 48 && mark <= 57 && ".)".includes(clipped.charAt(at + 2) || " ");
    if (mark === 45 || mark === 42 || mark === 0x2022 || isNumber) bullets++;
  }
  return bullets;
}
