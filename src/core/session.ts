/** When a conversation keeps its model, and when it leaves it. */

import { type BoundModel, cachedTokensAt } from "./bound_model.ts";
import { rankOfQuality } from "./catalog.ts";
import { type Circumstances, describeWait, waitFor } from "./circumstances.ts";
import { expectedCostOf } from "./expected_cost.ts";
import type { Features } from "./features.ts";
import type { RankedModel } from "./policy.ts";
import { type ProfileName, PROFILES } from "./profile.ts";

/**
 * How many more requests of the same kind a conversation is expected to have, and how much cheaper a
 * move must come. Judgement: agents' loops are longer, so that a move which pays within four requests
 * pays in them all the more.
 */
const HORIZON_REQUESTS = 4;
const MIN_SAVING = 0.2;

/**
 * How likely the conversation needs its former model again after that one's cache has gone cold, which
 * staying would have kept warm. Judgement: caches live for five minutes after their last use, agents
 * ask several times a minute, and a user who pauses for longer finds any cache cold. A return before
 * that loses nothing: what has been said since must be written to the cache once either way.
 */
const LOSS_PROBABILITY = 0.2;

/** The order of a conversation's models, and why it is that one; null where the session says nothing. */
export interface SessionOrder {
  readonly order: readonly RankedModel[];
  /** Whether the first is there for the conversation's sake, whatever its place in the ranking. */
  readonly isHeld: boolean;
  readonly reason: string | null;
}

/** What the order is made from. */
export interface SessionOptions {
  readonly features: Features;
  readonly profile: ProfileName;
  readonly circumstances: Circumstances;
}

/**
 * Puts the model that has the conversation first, unless it can't go on with it: it fails, it is too
 * weak for what is asked now, or moving is cheaper with the lost prompt cache priced in.
 * `order` must be a ranking of `rankModels`, those that cool down behind.
 */
export function orderForSession(
  order: readonly RankedModel[],
  options: SessionOptions,
): SessionOrder {
  const bound = settleBinding(options.circumstances.bound ?? null, order);
  const [first] = order;
  if (bound === null || first === undefined) return { order, reason: null, isHeld: false };
  const leave = (reason: string) => ({ order, reason, isHeld: false });
  const { alias } = bound;
  const holder = order.find(({ model }) => model.alias === alias);
  if (holder === undefined) {
    return leave(`${alias} had the conversation, but can't take this request`);
  }
  const chosenBy = bound.profile ?? options.profile;
  if (chosenBy !== options.profile) {
    return leave(
      `${alias} had the conversation by the profile ${chosenBy}, which is not asked for now`,
    );
  }
  const circumstances = { ...options.circumstances, bound };
  const probed = findProbed(order, circumstances);
  if (probed !== null) {
    const reason =
      `${probed.model.alias} is tried again: the conversation was with it until it failed`;
    return { order: putFirst(order, probed), reason, isHeld: true };
  }
  const departure = findDeparture(holder, { ...options, circumstances, first });
  if (departure !== null) return leave(departure);
  const reason = describeStay(holder, { ...options, bound });
  return { order: putFirst(order, holder), reason, isHeld: true };
}

/** A fault binds nobody any more once who failed can't take the request at all. */
function settleBinding(
  bound: BoundModel | null,
  order: readonly RankedModel[],
): BoundModel | null {
  if (bound?.cause !== "fault") return bound;
  return order.some(({ model }) => model.alias === bound.primary)
    ? bound
    : { ...bound, cause: "answer", primary: null };
}

function putFirst(order: readonly RankedModel[], ranked: RankedModel): readonly RankedModel[] {
  return [ranked, ...order.filter((other) => other !== ranked)];
}

/** Who lost the conversation by a fault, once it may be tried again. */
function findProbed(
  order: readonly RankedModel[],
  { bound, cooldownOf }: Circumstances,
): RankedModel | null {
  if (bound?.cause !== "fault" || !bound.isProbeDue) return null;
  const primary = order.find(({ model }) => model.alias === bound.primary);
  if (primary === undefined || !primary.isAdequate) return null;
  if (primary.isBusy || primary.isOverBudget) return null;
  return (cooldownOf?.(primary.model) ?? null) === null ? primary : null;
}

/** Why the conversation leaves its model; null: it stays. */
function findDeparture(
  holder: RankedModel,
  options: SessionOptions & { readonly first: RankedModel },
): string | null {
  const { first, circumstances: { bound, cooldownOf } } = options;
  if (holder === first) return null;
  const { alias } = holder.model;
  const cooldown = cooldownOf?.(holder.model) ?? null;
  if (cooldown !== null) return `${alias} had the conversation, but ${cooldown.reason}`;
  const isStronger = rankOfQuality(first.model.quality) > rankOfQuality(holder.model.quality);
  if (!holder.isAdequate && (first.isAdequate || isStronger)) {
    return `${alias} had the conversation, but is too weak for what is asked now`;
  }
  if (isSpentFor(holder, options) && mayStepDown(holder, options)) {
    return `${alias} had the conversation, but strong_share leaves it no more`;
  }
  if (holder.isBusy && !first.isBusy) {
    return `${alias} had the conversation, but ${describeWait(holder.wait)}`;
  }
  if (bound?.cause !== "answer" || !mayStepDown(holder, options)) return null;
  if (bound.tooSmall?.includes(first.model.alias)) return null;
  const stayUsd = HORIZON_REQUESTS * (holder.expectedTotalUsd ?? Infinity);
  const moveUsd = costOfMove(holder, options);
  if (!(moveUsd < stayUsd * (1 - MIN_SAVING))) return null;
  return `${alias} had the conversation, but the next ${HORIZON_REQUESTS} requests are cheaper with ` +
    `${first.model.alias}, its lost prompt cache included (about $${round(moveUsd)}, not $${
      round(stayUsd)
    })`;
}

/** Whether the budget that the holder takes from is used up; not only kept for harder requests than this. */
function isSpentFor(
  holder: RankedModel,
  { first, circumstances: { budget } }: SessionOptions & { readonly first: RankedModel },
): boolean {
  return holder.isOverBudget && !first.isOverBudget && (budget?.isSpent ?? false);
}

/**
 * Money alone leads to a weaker model only where something new is asked, or tests have just passed:
 * within one task the signs of trouble come and go, and the model must not go with each of them.
 */
function mayStepDown(
  holder: RankedModel,
  { first, features }: SessionOptions & { readonly first: RankedModel },
): boolean {
  const { rounds, corrections } = features.trajectory;
  const isWeaker = rankOfQuality(first.model.quality) < rankOfQuality(holder.model.quality);
  return !isWeaker || (rounds === 0 && corrections === 0);
}

/**
 * What the next requests cost elsewhere: this one with what the cache there has, the others with as
 * much of each in it as the former model has of this one; and perhaps the way back.
 */
function costOfMove(
  holder: RankedModel,
  options: SessionOptions & { readonly first: RankedModel },
): number {
  const { first, circumstances: { bound } } = options;
  const valueOf = (ranked: RankedModel, alias: string) =>
    cacheValueUsd(ranked, { ...options, cachedTokens: cachedTokensAt(bound, alias) });
  const now = first.expectedTotalUsd;
  const [has, willHave] = [valueOf(first, first.model.alias), valueOf(first, holder.model.alias)];
  if (now === null || has === null || willHave === null) return Infinity;
  const later = (HORIZON_REQUESTS - 1) * Math.max(0, now + Math.min(0, has - willHave));
  return now + later + LOSS_PROBABILITY * (valueOf(holder, holder.model.alias) ?? 0);
}

/** What it is worth in US dollars that a model has so many tokens in its cache, time included. */
function cacheValueUsd(
  { model }: RankedModel,
  options: SessionOptions & { readonly cachedTokens: number },
): number | null {
  const { features, circumstances, profile, cachedTokens } = options;
  const without = expectedCostOf(model, features, { cachedTokens: 0, isWritten: true });
  const within = expectedCostOf(model, features, { cachedTokens, isWritten: true });
  if (without === null || within === null) return null;
  const { inputTokens } = features;
  const waitMs = (tokens: number) =>
    waitFor(model, { circumstances, inputTokens, cachedTokens: tokens })?.waitMs ?? 0;
  const savedMs = Math.max(0, waitMs(0) - waitMs(cachedTokens));
  return without - within + savedMs / 1_000 * PROFILES[profile].waitUsdPerSecond;
}

function describeStay(
  { model }: RankedModel,
  { features, bound }: SessionOptions & { readonly bound: BoundModel },
): string {
  const { alias } = model;
  if (bound.cause === "escalation") {
    return `${alias} keeps the conversation: a weaker model's answer was not enough`;
  }
  if (bound.cause === "fault") {
    return `${alias} keeps the conversation for now: ${bound.primary ?? "another"} failed`;
  }
  const cached = Math.min(bound.cachedTokens, features.inputTokens);
  return cached === 0
    ? `${alias} keeps the conversation`
    : `${alias} keeps the conversation: about ${cached} tokens are in its cache`;
}

function round(usd: number): string {
  return String(Number(usd.toPrecision(2)));
}
