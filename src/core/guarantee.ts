/** How long a request may be so that it finds a model with room for it, whatever decides its way. */

import type { Catalog, Model } from "./catalog.ts";
import { DEFAULT_OUTPUT_RESERVE, isEligible, isUsable } from "./filter.ts";
import type { ProfileName } from "./profile.ts";
import type { Rule } from "./rules.ts";
import type { Term } from "./term.ts";

/** What requests are routed by. */
export interface GuaranteeTable {
  readonly catalog: Catalog;
  readonly rules: readonly Rule[];
  /** Whether a model whose window is too small leads to the next candidate of its rule. */
  readonly hasFallback: boolean;
}

/** The requests that the guarantee is for. */
export interface GuaranteedRequests {
  /** What their `model` says: `auto` or a profile. */
  readonly name: string;
  /** The profile that they are routed by where no rule takes them. */
  readonly profile: ProfileName;
}

/**
 * The most tokens of input and output together with which every such request finds a model that has
 * room for them; null when no known window says so. It is the smallest of what the rules that can
 * take such a request have room for (each its largest window) and of the largest window that the
 * profile may choose. Rules that only take requests short enough for them limit nothing.
 *
 * What it presumes: requests may have tools (where any model takes tools) yet no images; a request
 * that a rule takes for its short input asks for no more output than is reserved where a client sets
 * no limit; a rule that asks for a header is that client's own choice. An unknown window neither
 * limits nor guarantees. A rule that has no usable model refuses requests of any length, and is
 * left out.
 */
export function guaranteedWindow(
  table: GuaranteeTable,
  requests: GuaranteedRequests,
): number | null {
  let left: Span = { above: -1, below: Infinity };
  let limit = Infinity;
  for (const rule of table.rules) {
    if (isPassedOver(rule, requests.name)) continue;
    const span = spanOf(rule.when.terms);
    limit = Math.min(limit, limitOf(windowOfRule(rule, table), intersect(left, span)));
    if (isByLength(rule.when.terms)) left = subtract(left, span);
  }
  if (!isEmpty(left)) {
    const window = windowOfPolicy(table.catalog, requests.profile);
    if (window === null) return null;
    limit = Math.min(limit, limitOf(window, left));
  }
  return Number.isFinite(limit) ? limit : null;
}

/** The requests with more than `above` and fewer than `below` tokens of input. */
interface Span {
  readonly above: number;
  readonly below: number;
}

/** A rule that no such request meets, or only one whose client asks for it by a header. */
function isPassedOver({ primary, when }: Rule, name: string): boolean {
  if (primary.type === "header") return true;
  return when.terms.some((term) =>
    term.subject.startsWith("header ") ||
    (isModelTerm(term) && term.type === "is" && term.value !== name)
  );
}

function isModelTerm({ subject }: Term): boolean {
  return subject === "model_alias_eq";
}

function spanOf(terms: readonly Term[]): Span {
  return {
    above: Math.max(-1, ...terms.map((term) => term.type === "above" ? term.limit : -1)),
    below: Math.min(...terms.map((term) => term.type === "below" ? term.limit : Infinity)),
  };
}

/** Whether a rule that is not passed over takes every request of its span. */
function isByLength(terms: readonly Term[]): boolean {
  return terms.every((term) => term.type === "above" || term.type === "below" || isModelTerm(term));
}

function intersect(a: Span, b: Span): Span {
  return { above: Math.max(a.above, b.above), below: Math.min(a.below, b.below) };
}

/** What is left of a span; what is taken out of its middle stays in. */
function subtract(from: Span, taken: Span): Span {
  return {
    above: taken.above <= from.above ? Math.max(from.above, taken.below - 1) : from.above,
    below: taken.below >= from.below ? Math.min(from.below, taken.above + 1) : from.below,
  };
}

/** Counts are whole numbers: none lies above 5 and below 6. */
function isEmpty({ above, below }: Span): boolean {
  return below - above <= 1;
}

/** How long a request of the span may be for this window; infinite where it limits none of them. */
function limitOf(window: number | null, span: Span): number {
  if (window === null || isEmpty(span)) return Infinity;
  const longest = span.below - 1 + DEFAULT_OUTPUT_RESERVE;
  return longest <= window ? Infinity : Math.max(window, span.above);
}

/** The largest window that the rule leads to; null where one is unknown, or no model is usable. */
function windowOfRule(rule: Rule, { catalog, hasFallback }: GuaranteeTable): number | null {
  const primary = rule.primary.type === "alias" ? [rule.primary.alias] : [];
  const usable = [...primary, ...rule.cascade].flatMap((alias) => catalog.get(alias) ?? [])
    .filter((model) => model.type === "chat" && isUsable(model));
  const windows = usable.slice(0, hasFallback ? undefined : 1)
    .map((model) => model.contextWindow);
  if (windows.length === 0) return null;
  return windows.reduce((best, window) =>
    best === null || window === null ? null : Math.max(best, window)
  );
}

/** The largest known window that the policy may choose for a request with tools. */
function windowOfPolicy(catalog: Catalog, profile: ProfileName): number | null {
  const eligible = [...catalog.values()].filter((model) => isEligible(model, profile));
  const withTools = eligible.filter((model) => model.supportsTools);
  const known = (withTools.length > 0 ? withTools : eligible).flatMap(knownWindow);
  return known.length === 0 ? null : Math.max(...known);
}

function knownWindow({ contextWindow }: Model): readonly number[] {
  return contextWindow === null ? [] : [contextWindow];
}
