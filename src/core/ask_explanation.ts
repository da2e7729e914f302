/** Which words of an ask make it hard. It quotes the ask: for the asker's own eyes alone. */

import { clipAsk } from "./folded_ask.ts";
import { scoreOfAsk } from "./difficulty_model.ts";

/** A word, or two neighbouring ones, with what they add to the score. */
export interface WordWeight {
  readonly text: string;
  /** The score with them less the score without them: positive makes the ask harder. */
  readonly weight: number;
}

/** One place of a word within the text. */
interface Place {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Words beyond these are not looked at, so that a long ask takes a fraction of a second. */
const MOST_WORDS = 200;

/** A pair is told apart from its words when it weighs so much more than both. */
const PAIR_SURPLUS = 0.01;

/**
 * The words and pairs of words that weigh most, heaviest first. A weight is measured by leaving
 * every occurrence out (occlusion: Li, Monroe and Jurafsky, arXiv 1612.08220), so it includes the
 * n-grams of characters that a word is part of, and its themes.
 */
export function explainAsk(ask: string, limit: number): readonly WordWeight[] {
  const text = clipAsk(ask);
  const score = scoreOfAsk(text);
  const places = listWords(text);
  const byWord = Map.groupBy(places, ({ word }) => word);
  const words = new Map(
    Array.from(byWord, ([word, all]) => [word, score - scoreOfAsk(leaveOut(text, all))] as const)
      .slice(0, MOST_WORDS),
  );
  const pairs = Map.groupBy(listPairs(text, places).slice(0, MOST_WORDS), ({ word }) => word);
  const pairWeights = Array.from(pairs, ([word, all]) => {
    const weight = score - scoreOfAsk(leaveOut(text, all));
    const alone = word.split(" ").reduce((sum, part) => sum + Math.abs(words.get(part) ?? 0), 0);
    return { text: word, weight, surplus: Math.abs(weight) - alone };
  }).filter(({ surplus }) => surplus > PAIR_SURPLUS);
  return [
    ...Array.from(words, ([word, weight]) => ({ text: word, weight })),
    ...pairWeights.map(({ text, weight }) => ({ text, weight })),
  ].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, limit);
}

/** The words by Unicode's rules, which part Chinese, Japanese and Thai too (UAX #29). */
function listWords(text: string): readonly Place[] {
  const segments = new Intl.Segmenter("en", { granularity: "word" }).segment(text);
  return Array.from(segments).filter(({ isWordLike }) => isWordLike === true)
    .map(({ segment, index }) => ({
      word: segment.toLowerCase(),
      start: index,
      end: index + segment.length,
    }));
}

/** Neighbours with nothing but white space between them. */
function listPairs(text: string, places: readonly Place[]): readonly Place[] {
  return places.slice(1).flatMap(({ word, start, end }, index) => {
    const first = places[index];
    if (first === undefined || !/^\s+$/.test(text.slice(first.end, start))) return [];
    return [{ word: `${first.word} ${word}`, start: first.start, end }];
  });
}

function leaveOut(text: string, places: readonly Place[]): string {
  const kept = places.map(({ start }, index) => text.slice(places[index - 1]?.end ?? 0, start));
  return [...kept, text.slice(places.at(-1)?.end ?? 0)].join("");
}
