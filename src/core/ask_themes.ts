/** Finds the themes of an ask by its words. */

import { THEMES } from "./ask_lexicon.ts";
import { EMPTY_HASH, hashPair, hashUnit } from "./ask_ngrams.ts";
import { CharKind, type FoldedAsk } from "./folded_ask.ts";

/** Themes by the hash of a word, of a stem, of two neighbouring words, of ideographs. */
interface Lookup {
  readonly words: ReadonlyMap<number, readonly number[]>;
  readonly stems: ReadonlyMap<number, readonly number[]>;
  readonly pairs: ReadonlyMap<number, readonly number[]>;
  readonly glyphs: ReadonlyMap<number, readonly number[]>;
  /** A Bloom filter with one hash (Bloom, CACM 13(7), 1970) over stems and glyphs. */
  readonly isPossible: Uint8Array;
}

const FILTER_BITS = 14;
const LONGEST_GLYPHS = 4;
const IDEOGRAPH = /[\u3040-\u30ff\u3400-\u9fff]/;

const LOOKUP: Lookup = buildLookup();

function buildLookup(): Lookup {
  const words = new Map<number, number[]>();
  const stems = new Map<number, number[]>();
  const pairs = new Map<number, number[]>();
  const glyphs = new Map<number, number[]>();
  const isPossible = new Uint8Array(1 << FILTER_BITS);
  for (const [entry, theme] of listEntries()) {
    const [first = "", second] = entry.replace("*", "").split("_");
    if (second !== undefined) {
      append(pairs, hashPair(hashText(first), hashText(second)), theme);
      continue;
    }
    const isGlyphs = IDEOGRAPH.test(first);
    const hash = hashText(first);
    append(isGlyphs ? glyphs : entry.endsWith("*") ? stems : words, hash, theme);
    if (isGlyphs || entry.endsWith("*")) isPossible[filterPlace(hash)] = 1;
  }
  return { words, stems, pairs, glyphs, isPossible };
}

function listEntries(): readonly (readonly [string, number])[] {
  return THEMES.flatMap(({ words }, theme) =>
    words.trim().split(/\s+/).map((entry) => [entry, theme] as const)
  );
}

function append(map: Map<number, number[]>, hash: number, theme: number): void {
  map.set(hash, [...map.get(hash) ?? [], theme]);
}

function hashText(text: string): number {
  let hash = EMPTY_HASH;
  for (let index = 0; index < text.length; index++) hash = hashUnit(hash, text.charCodeAt(index));
  return hash;
}

function filterPlace(hash: number): number {
  return (hash ^ hash >>> 15) & ((1 << FILTER_BITS) - 1);
}

/** For each theme of the table 1 when the text touches it, else 0. */
export function themesOf({ codes, kinds, length }: FoldedAsk): Uint8Array {
  const found = new Uint8Array(THEMES.length);
  let [previous, hash, isInWord] = [0, EMPTY_HASH, false];
  for (let index = 0; index < length; index++) {
    const kind = kinds[index];
    if (kind === CharKind.letter || kind === CharKind.digit) {
      hash = hashUnit(isInWord ? hash : EMPTY_HASH, codes[index] ?? 0);
      isInWord = true;
      if (LOOKUP.isPossible[filterPlace(hash)] === 1) mark(found, LOOKUP.stems.get(hash));
      continue;
    }
    if (isInWord) {
      mark(found, LOOKUP.words.get(hash));
      mark(found, LOOKUP.pairs.get(hashPair(previous, hash)));
      [previous, isInWord] = [hash, false];
    }
    if (kind === CharKind.ideograph) markGlyphs(found, codes, index);
  }
  return found;
}

/** Takes the ideographs from this place on, up to the longest that the table holds. */
function markGlyphs(found: Uint8Array, codes: Uint16Array, start: number): void {
  let hash = EMPTY_HASH;
  for (let index = start; index < start + LONGEST_GLYPHS; index++) {
    hash = hashUnit(hash, codes[index] ?? 0);
    if (LOOKUP.isPossible[filterPlace(hash)] === 1) mark(found, LOOKUP.glyphs.get(hash));
  }
}

function mark(found: Uint8Array, themes: readonly number[] | undefined): void {
  for (const theme of themes ?? []) found[theme] = 1;
}
