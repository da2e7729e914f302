/** Decides recorded requests again by another configuration: what would have gone elsewhere. */

import { canEscalate, type CascadeSettings } from "./cascade.ts";
import { costOf, type Model } from "./catalog.ts";
import type { Circumstances } from "./circumstances.ts";
import { readDecision, type RecordedDecision, UnknownTestError } from "./decision_record.ts";
import type { Features } from "./features.ts";
import type { JsonValue } from "./json.ts";
import { isPolicyPlan, type RouteDecision, type RoutePlan, type RouteTable } from "./plan.ts";
import { decideRoute } from "./route.ts";
import {
  computeBudget,
  isBudgeted,
  RECENT_LIMIT,
  type RecentRequest,
  type StrongBudget,
} from "./strong_budget.ts";

/** A request of the ledger. */
export interface PastRequest {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly ts: number;
  readonly requestedModel: string;
  readonly isStreamed: boolean;
  /** "" when no model could take it. */
  readonly primaryModel: string;
  readonly routeRule: string;
  /** Of the attempt that answered. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  /** Of all its attempts. */
  readonly costUsd: number | null;
  /** What its decision was made from; undefined: nothing was recorded. */
  readonly decision: JsonValue | undefined;
}

/** A request that goes to another model now. */
export interface Flip {
  readonly id: string;
  readonly ts: number;
  readonly fromModel: string;
  readonly fromRule: string;
  /** "" when no model can take it. */
  readonly toModel: string;
  readonly toRule: string;
  /** US dollars that it cost with all its attempts; null: a price is unknown. */
  readonly fromUsd: number | null;
  /** US dollars of an answer with as many tokens; null: its price is unknown. */
  readonly toUsd: number | null;
}

/** What came of a replay. */
export interface Replay {
  /** The requests that were looked at. */
  readonly requestCount: number;
  /** Those that were decided again. */
  readonly decidedCount: number;
  /** Those whose decision was not recorded. */
  readonly unrecordedCount: number;
  /** Conditions that read texts which are not kept, and how many requests could not be decided for them. */
  readonly unknownTests: ReadonlyMap<string, number>;
  readonly flips: readonly Flip[];
  /** Rule by rule of the configuration, how many requests it decides. */
  readonly ruleCounts: ReadonlyMap<string, number>;
}

/** The configuration of a replay. */
export interface ReplayOptions {
  readonly table: RouteTable;
  readonly cascade: CascadeSettings;
  /** See `computeBudget`. */
  readonly priorScores: readonly number[];
}

/** Replays requests, oldest first. */
export function replayRequests(requests: Iterable<PastRequest>, options: ReplayOptions): Replay {
  const replayer = new Replayer(options);
  for (const request of requests) replayer.replay(request);
  return replayer.result();
}

class Replayer {
  readonly #options: ReplayOptions;
  readonly #flips: Flip[] = [];
  readonly #unknownTests = new Map<string, number>();
  readonly #ruleCounts: Map<string, number>;
  /** Conversations that have gone elsewhere, and who has them now. */
  readonly #holders = new Map<string, string>();
  readonly #recent: RecentRequest[] = [];
  #requestCount = 0;
  #decidedCount = 0;
  #unrecordedCount = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#ruleCounts = new Map(options.table.rules.map(({ name }) => [name, 0]));
  }

  result(): Replay {
    return {
      requestCount: this.#requestCount,
      decidedCount: this.#decidedCount,
      unrecordedCount: this.#unrecordedCount,
      unknownTests: this.#unknownTests,
      flips: this.#flips,
      ruleCounts: this.#ruleCounts,
    };
  }

  replay(past: PastRequest): void {
    this.#requestCount++;
    const recorded = readDecision(past.decision, past);
    if (recorded === null) return void this.#unrecordedCount++;
    const { features, conversation } = recorded;
    const holder = conversation === null ? undefined : this.#holders.get(conversation);
    const decision = this.#decide(features, this.#adjust(recorded, holder));
    if (decision === null) return;
    this.#decidedCount++;
    const { model, rule } = outcomeOf(decision);
    this.#ruleCounts.set(rule, (this.#ruleCounts.get(rule) ?? 0) + 1);
    this.#noteRecent(features, decision);
    const isHome = model === past.primaryModel && holder === undefined;
    if (conversation !== null && !isHome && policyPlanOf(decision) !== null) {
      this.#holders.set(conversation, model);
    }
    if (model !== past.primaryModel) {
      this.#flips.push(this.#describe(past, { model, rule, holder }));
    }
  }

  /** The moment of then, as far as it is not changed by what this configuration has done before. */
  #adjust(recorded: RecordedDecision, holder: string | undefined): RouteTable {
    const { table, cascade } = this.#options;
    const { features, unusable, circumstances: then } = recorded;
    const catalog = new Map(
      [...table.catalog].map(([alias, model]) => [alias, asItWas(model, unusable)]),
    );
    const hasChecks = canEscalate(features, { cascade, routing: table.routing });
    const budget = this.#budgetOf(then);
    const now = { ...table, ...then, catalog, hasChecks, budget };
    const { bound } = then;
    if (!bound || holder === undefined || bound.alias === holder) return now;
    const moved = {
      alias: holder,
      cause: "answer",
      cachedTokens: bound.cachedTokens,
      primary: null,
      isProbeDue: false,
    } as const;
    return { ...now, bound: moved };
  }

  #budgetOf(then: Circumstances): StrongBudget | null {
    const { table, priorScores } = this.#options;
    const share = table.routing.strongShare;
    if (share === undefined) return null;
    if (then.budget?.share === share) return then.budget;
    return computeBudget({ share, recent: this.#recent, priorScores });
  }

  #decide(features: Features, table: RouteTable): RouteDecision | null {
    try {
      return decideRoute(features, table);
    } catch (error) {
      if (!(error instanceof UnknownTestError)) throw error;
      this.#unknownTests.set(error.test, (this.#unknownTests.get(error.test) ?? 0) + 1);
      return null;
    }
  }

  #noteRecent({ difficulty: { score } }: Features, decision: RouteDecision): void {
    const primary = policyPlanOf(decision)?.candidates[0];
    if (primary === undefined) return;
    this.#recent.push({ score, isStrong: isBudgeted(primary.model) });
    if (this.#recent.length > RECENT_LIMIT) this.#recent.shift();
  }

  /** Its cost then and now: what was in a prompt cache is only so where the conversation is at home. */
  #describe(
    past: PastRequest,
    now: { readonly model: string; readonly rule: string; readonly holder: string | undefined },
  ): Flip {
    const { id, ts, primaryModel, routeRule } = past;
    const isAtHome = now.model === now.holder;
    return {
      id,
      ts,
      fromModel: primaryModel,
      fromRule: routeRule,
      toModel: now.model,
      toRule: now.rule,
      fromUsd: past.costUsd,
      toUsd: this.#costOf(past, { alias: now.model, isAtHome }),
    };
  }

  #costOf(
    { inputTokens, outputTokens, cachedTokens }: PastRequest,
    { alias, isAtHome }: { readonly alias: string; readonly isAtHome: boolean },
  ): number | null {
    if (alias === "") return 0;
    return costOf({
      inputTokens,
      cachedTokens: isAtHome ? cachedTokens : 0,
      cacheWriteTokens: 0,
      outputTokens,
      reasoningTokens: 0,
      source: "estimated",
    }, this.#options.table.catalog.get(alias)?.price ?? null);
  }
}

/** The policy's plan; null: it did not decide. */
function policyPlanOf(decision: RouteDecision): RoutePlan | null {
  return decision.type === "plan" && isPolicyPlan(decision.plan) ? decision.plan : null;
}

/** The model with what it lacked then, such as a key: what it lacks here and now is another matter. */
function asItWas(model: Model, unusable: ReadonlySet<string>): Model {
  return { ...model, unusable: unusable.has(model.alias) ? "could not be used then" : null };
}

function outcomeOf(decision: RouteDecision): { readonly model: string; readonly rule: string } {
  if (decision.type === "plan") {
    const { candidates, ruleName } = decision.plan;
    return { model: candidates[0]?.model.alias ?? "", rule: ruleName };
  }
  const { refusal } = decision;
  return { model: "", rule: refusal.type === "no_candidate" ? refusal.ruleName : "" };
}
