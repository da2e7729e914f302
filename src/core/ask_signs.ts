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

const SIGN_OF_MARK: ReadonlyMap<number, number> = new Map(
  SIGN_NAMES.flatMap((name, sign) =>
    Array.from(MARKS[name] ?? "", (mark) => [mark.charCodeAt(0), sign] as const)
  ),
);

/** For units below 128 the sign that a mark counts for, and one more; 0 is none. */
const ASCII_SIGNS = Uint8Array.from({ length: 128 }, (_, code) => {
  const sign = SIGN_OF_MARK.get(code);
  return sign === undefined ? 0 : sign + 1;
});

/** Lengths below this many characters are taken as alike. */
const SHORTEST_CHARS = 20;

/** Values of the signs of an ask: `whole` is all of it, `clipped` and `text` what is read. */
export function signsOf(whole: string, clipped: string, text: FoldedAsk): Float64Array {
  const counts = countMarks(clipped);
  const { words, letters, numbers, sentences } = countWords(text);
  const opening = clipped.trimStart().split("\n\n", 1)[0] ?? "";
  const chars = Math.max(1, clipped.length);
  const values: Readonly<Partial<Record<SignName, number>>> = {
    length: Math.log(whole.length + SHORTEST_CHARS),
    opening: Math.log(opening.length + SHORTEST_CHARS),
    bullets: Math.log1p(countBullets(clipped)),
    words: Math.log1p(words),
    wordLength: Math.log1p(letters / Math.max(1, words)),
    numbers: Math.log1p(numbers),
    sentences: Math.log1p(sentences),
    fences: clipped.includes("```") ? 1 : 0,
    foreign: (counts[FOREIGN] ?? 0) / chars,
    capitals: (counts[CAPITALS] ?? 0) / chars,
  };
  return Float64Array.from(
    SIGN_NAMES,
    (name, sign) => values[name] ?? Math.log1p(counts[sign] ?? 0),
  );
}

const FOREIGN = SIGN_NAMES.indexOf("foreign");
const CAPITALS = SIGN_NAMES.indexOf("capitals");

function countMarks(clipped: string): Uint32Array {
  // One more than there are signs: place 0 is for what is no sign.
  const counts = new Uint32Array(SIGN_NAMES.length + 1);
  for (let index = 0; index < clipped.length; index++) {
    const code = clipped.charCodeAt(index);
    if (code >= 128) {
      count(counts, FOREIGN + 1);
      const sign = SIGN_OF_MARK.get(code);
      if (sign !== undefined) count(counts, sign + 1);
    } else if (code >= 65 && code <= 90) count(counts, CAPITALS + 1);
    else count(counts, ASCII_SIGNS[code] ?? 0);
  }
  return counts.subarray(1);
}

function count(counts: Uint32Array, place: number): void {
  counts[place] = (counts[place] ?? 0) + 1;
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
