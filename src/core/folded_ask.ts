/** An ask as the difficulty model reads it: folded to lower case, each character with its kind. */

/** Text beyond its first and its last part is not read, so that a huge ask costs no more. */
const HEAD_CHARS = 1_500;
const TAIL_CHARS = 500;

/** Kinds of characters; a word is a run of letters and digits. */
export const CharKind = { space: 0, letter: 1, digit: 2, mark: 3, ideograph: 4 } as const;

/** UTF-16 units of an ask between two spaces, runs of white space as one space, digits as `0`. */
export interface FoldedAsk {
  readonly codes: Uint16Array;
  /** A `CharKind` for each code. */
  readonly kinds: Uint8Array;
  /** How many of the codes are in use. */
  readonly length: number;
}

const SPACE = 32;
const ZERO = 48;

/** The part of an ask that is read: all of it, or its head and tail. */
export function clipAsk(ask: string): string {
  if (ask.length <= HEAD_CHARS + TAIL_CHARS) return ask;
  return `${ask.slice(0, HEAD_CHARS)}\n${ask.slice(-TAIL_CHARS)}`;
}

/** Folds a text that `clipAsk` has clipped. */
export function foldAsk(clipped: string): FoldedAsk {
  const text = clipped.toLowerCase();
  const codes = new Uint16Array(text.length + 2);
  const kinds = new Uint8Array(text.length + 2);
  codes[0] = SPACE;
  let length = 1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const kind = KINDS[code] ?? CharKind.mark;
    if (kind === CharKind.space && codes[length - 1] === SPACE) continue;
    codes[length] = kind === CharKind.space ? SPACE : kind === CharKind.digit ? ZERO : code;
    kinds[length++] = kind;
  }
  if (codes[length - 1] !== SPACE) codes[length++] = SPACE;
  return { codes, kinds, length };
}

/** The `CharKind` of a lower-case UTF-16 unit; what is not listed counts as a letter. */
function kindOf(code: number): number {
  if (code < 128) return ASCII_KINDS[code] ?? CharKind.mark;
  if (code < 0xc0) return code === 0xa0 ? CharKind.space : CharKind.mark;
  if (code < 0x60c) return code === 0xd7 || code === 0xf7 ? CharKind.mark : CharKind.letter;
  if (code === 0x60c || code === 0x61b || code === 0x61f || code === 0x964) return CharKind.mark;
  if (code < 0x2000) return isThai(code) ? CharKind.ideograph : CharKind.letter;
  if (code < 0x2c00) return CharKind.mark;
  if (code <= 0x303f) return code === 0x3000 ? CharKind.space : CharKind.mark;
  if (code <= 0x30ff || code >= 0x3400 && code <= 0x9fff) return CharKind.ideograph;
  return code >= 0xff00 && code <= 0xff1f ? CharKind.mark : CharKind.letter;
}

/** Thai and Lao, which like Chinese and Japanese do not part words. */
function isThai(code: number): boolean {
  return code >= 0x0e00 && code <= 0x0eff;
}

const ASCII_KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  if (code <= SPACE) return CharKind.space;
  if (/[a-z_]/.test(char)) return CharKind.letter;
  return /[0-9]/.test(char) ? CharKind.digit : CharKind.mark;
});

/** The kind of each unit: a table is faster than branches that are hard to predict. */
const KINDS = Uint8Array.from({ length: 1 << 16 }, (_, code) => kindOf(code));
