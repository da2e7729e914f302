/** The newest requests that the policy has routed, for the budget of `strong_share`. */

import type { Catalog } from "../core/catalog.ts";
import {
  computeBudget,
  isBudgeted,
  RECENT_LIMIT,
  type StrongBudget,
} from "../core/strong_budget.ts";

/** A request that the policy has routed. */
export interface RoutedRequest {
  /** Its difficulty: 0 is easiest, 1 hardest. */
  readonly score: number;
  /** Whom it went to first. */
  readonly alias: string;
}

/** The newest requests, oldest first. */
export class RecentRequests {
  readonly #requests: RoutedRequest[];
  readonly #priorScores: readonly number[];

  /** Starts from what is known, oldest first; `priorScores`: see `computeBudget`. */
  constructor(known: readonly RoutedRequest[], priorScores: readonly number[]) {
    this.#requests = known.slice(-RECENT_LIMIT);
    this.#priorScores = priorScores;
  }

  /** Notes a request. */
  note(request: RoutedRequest): void {
    this.#requests.push(request);
    if (this.#requests.length > RECENT_LIMIT) this.#requests.shift();
  }

  /** What is left of this share now; models that are no more don't count. */
  budgetFor(share: number, catalog: Catalog): StrongBudget {
    const recent = this.#requests.map(({ score, alias }) => {
      const model = catalog.get(alias);
      return { score, isStrong: model !== undefined && isBudgeted(model) };
    });
    return computeBudget({ share, recent, priorScores: this.#priorScores });
  }
}
