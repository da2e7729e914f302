/** How quick models have been lately, so that their deadlines fit them. */

import type { Model } from "../core/catalog.ts";
import { firstTokenLimitMs, type PaceOptions, type TokenTime } from "../core/pace.ts";

/** The newest first tokens that are kept of each model. */
const MAX_SAMPLES = 64;

/** Milliseconds for which a model that has answered counts as loaded; servers keep it for minutes. */
const WARM_MS = 60_000;

/** A first token of a model, as the ledger has it. */
export interface KnownTokenTime extends TokenTime {
  readonly provider: string;
  readonly modelId: string;
}

/** Where the time comes from. */
export interface PaceSources {
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** The first tokens of the models of a snapshot. */
export class Pace {
  readonly #now: () => number;
  readonly #samples = new Map<string, TokenTime[]>();
  /** By provider, who answered last and when: whoever answered before may have made room for it. */
  readonly #lastAnswers = new Map<string, { readonly modelId: string; readonly at: number }>();

  /** Starts from what is known, oldest first. */
  constructor(known: readonly KnownTokenTime[] = [], sources: PaceSources = {}) {
    this.#now = sources.now ?? (() => performance.now());
    for (const time of known) this.#add(keyOf(time), time);
  }

  /** Notes a first token. */
  note(model: Model, time: TokenTime): void {
    const { provider, modelId } = model;
    this.#lastAnswers.set(provider, { modelId, at: this.#now() });
    this.#add(keyOf(model), time);
  }

  /** Forgets what a model has shown: its first token did not come in time, so it may have changed. */
  forget(model: Model): void {
    this.#samples.delete(keyOf(model));
    this.#lastAnswers.delete(model.provider);
  }

  /** Milliseconds that the model's first token may take; see `firstTokenLimitMs`. */
  limitMs(model: Model, options: PaceOptions): number {
    return firstTokenLimitMs(this.#samples.get(keyOf(model)) ?? [], options);
  }

  /** Whether it has answered so lately, and no other since, that it must be loaded still. */
  isWarm({ provider, modelId }: Model): boolean {
    const last = this.#lastAnswers.get(provider);
    return last?.modelId === modelId && this.#now() - last.at < WARM_MS;
  }

  #add(key: string, { ttftMs, inputTokens }: TokenTime): void {
    const samples = this.#samples.get(key) ?? [];
    samples.push({ ttftMs, inputTokens });
    if (samples.length > MAX_SAMPLES) samples.shift();
    this.#samples.set(key, samples);
  }
}

function keyOf({ provider, modelId }: Pick<Model, "provider" | "modelId">): string {
  return `${provider} ${modelId}`;
}
