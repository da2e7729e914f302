/** The newest requests that the policy has routed, for the budget of `strong_share`. */

import {
  computeBudget,
  RECENT_LIMIT,
  type RecentRequest,
  type StrongBudget,
} from "../core/strong_budget.ts";

/** The newest requests, oldest first. */
export class RecentRequests {
  readonly #requests: RecentRequest[];
  readonly #priorScores: readonly number[];

  /** Starts from what is known, oldest first; `priorScores`: see `computeBudget`. */
  constructor(known: readonly RecentRequest[], priorScores: readonly number[]) {
    this.#requests = known.slice(-RECENT_LIMIT);
    this.#priorScores = priorScores;
  }

  /** Notes a request. */
  note(request: RecentRequest): void {
    this.#requests.push(request);
    if (this.#requests.length > RECENT_LIMIT) this.#requests.shift();
  }

  /** What is left of this share now. */
  budgetFor(share: number): StrongBudget {
    return computeBudget({ share, recent: this.#requests, priorScores: this.#priorScores });
  }
}
