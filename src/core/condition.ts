/** Conditions of rules, and how they combine. */

import type { Features } from "./features.ts";
import { opaqueTerm, type Term } from "./term.ts";

/** A test of what the ledger does not keep: its result is kept, under the condition's own words. */
export interface TextTest {
  readonly text: string;
  test(features: Features): boolean;
}

/** A compiled condition. */
export interface Condition {
  /** As a person would write it: `tokens_in_gt 8000`. */
  readonly text: string;
  /** Whether the request meets it. */
  test(features: Features): boolean;
  /** The terms that must all hold, no more and no less; none when it holds for every request. */
  readonly terms: readonly Term[];
  /** The alias that it compares `model` with, to check that it exists. */
  readonly alias?: string;
  /** The parts of it that read texts or headers, which the ledger does not keep. */
  readonly textTests?: readonly TextTest[];
}

/** A condition that reads a text or a header; of a recorded request its recorded result counts. */
export function readingText(condition: Condition): Condition {
  const { text, test } = condition;
  return {
    ...condition,
    test: (features) => features.recorded === undefined ? test(features) : features.recorded(text),
    textTests: [{ text, test }],
  };
}

function textTestsOf(conditions: readonly Condition[]): Pick<Condition, "textTests"> {
  const textTests = conditions.flatMap((condition) => condition.textTests ?? []);
  return textTests.length === 0 ? {} : { textTests };
}

/** Holds when all of them hold. */
export function allOf(conditions: readonly Condition[]): Condition {
  const [only] = conditions;
  if (only !== undefined && conditions.length === 1) return only;
  return {
    text: conditions.map((condition) => condition.text).join(" and "),
    test: (features) => conditions.every((condition) => condition.test(features)),
    terms: conditions.flatMap((condition) => condition.terms),
    ...textTestsOf(conditions),
  };
}

/** Holds when one of them holds. */
export function anyOf(conditions: readonly Condition[]): Condition {
  const text = `(${conditions.map((condition) => condition.text).join(" or ")})`;
  const [only] = conditions;
  const isAlways = conditions.some((condition) => condition.terms.length === 0);
  const terms = isAlways ? [] : [opaqueTerm(text, ["any", ...conditions.map((one) => one.terms)])];
  return {
    text,
    test: (features) => conditions.some((condition) => condition.test(features)),
    terms: only !== undefined && conditions.length === 1 ? only.terms : terms,
    ...textTestsOf(conditions),
  };
}

/** Holds when the condition does not. */
export function notOf(condition: Condition): Condition {
  const text = `not (${condition.text})`;
  const test = (features: Features) => !condition.test(features);
  const terms = [opaqueTerm(text, ["not", condition.terms])];
  return { text, test, terms, ...textTestsOf([condition]) };
}
