/** How the models and providers of a snapshot do: who has failed lately, and who tries it again. */

import type { Model } from "../core/catalog.ts";
import {
  type Cooldown,
  COOLDOWN_RULES,
  dropProbe,
  type HealthState,
  noteFailure,
  noteProbe,
  readCooldown,
} from "../core/health.ts";
import type { UpstreamFault } from "../core/outcome.ts";

/** Where time and chance come from. */
export interface HealthSources {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Is told of each cool-down that begins. */
  readonly onCooldown?: (entry: CoolingEntry) => void;
}

/** Something that cools down. */
export interface CoolingEntry {
  readonly scope: "provider" | "model";
  readonly name: string;
  readonly cooldown: Cooldown;
}

/** What is known of the health of providers and models; requests report to it and ask it. */
export class Health {
  readonly #sources: HealthSources;
  readonly #providers = new Map<string, HealthState>();
  readonly #models = new Map<string, HealthState>();
  #attemptCount = 0;

  /** Everybody is well at first. */
  constructor(sources: HealthSources) {
    this.#sources = sources;
  }

  /** Whether the model or its provider cools down; null when it may be asked. */
  cooldownOf(model: Model): Cooldown | null {
    if (this.#providers.size + this.#models.size === 0) return null;
    const now = this.#sources.now();
    const own = readCooldown(this.#models.get(model.alias), now);
    const shared = readCooldown(this.#providers.get(model.provider), now);
    if (shared === null) return own;
    if (own !== null && own.remainingMs >= shared.remainingMs) return own;
    return { ...shared, reason: `belongs to ${model.provider}, which ${shared.reason}` };
  }

  /** Everything that cools down now. */
  list(): readonly CoolingEntry[] {
    const now = this.#sources.now();
    const read = (scope: CoolingEntry["scope"], states: ReadonlyMap<string, HealthState>) =>
      [...states].flatMap(([name, state]) => {
        const cooldown = readCooldown(state, now);
        return cooldown === null ? [] : [{ scope, name, cooldown }];
      });
    return [...read("provider", this.#providers), ...read("model", this.#models)];
  }

  /** Notes that the model is asked now; gives the attempt's number for what is noted of it later. */
  noteAsked(model: Model): number {
    const attemptId = ++this.#attemptCount;
    const now = this.#sources.now();
    this.#change(model, (state) => noteProbe(state, { attemptId, now }));
    return attemptId;
  }

  /** Notes that an attempt ended without telling anything of those that it asked. */
  noteAbandoned(model: Model, attemptId: number): void {
    this.#change(model, (state) => dropProbe(state, attemptId));
  }

  /** Notes that an attempt that began at `startedAt` was answered. */
  noteSuccess(model: Model, startedAt: number): void {
    // An answer that was under way already says nothing of what failed since.
    const isRecovered = (state: HealthState | undefined) =>
      state !== undefined && state.failedAt <= startedAt;
    if (isRecovered(this.#models.get(model.alias))) this.#models.delete(model.alias);
    if (isRecovered(this.#providers.get(model.provider))) this.#providers.delete(model.provider);
  }

  /** Notes that an attempt that began at `startedAt` failed. */
  noteFault(
    model: Model,
    { fault, startedAt, attemptId }: {
      readonly fault: UpstreamFault;
      readonly startedAt: number;
      readonly attemptId: number;
    },
  ): void {
    this.noteAbandoned(model, attemptId);
    const rule = COOLDOWN_RULES[fault.kind];
    if (rule === undefined || fault.isOurs === true || fault.isStale === true) return;
    const { scope } = rule;
    const [states, name] = scope === "model"
      ? [this.#models, model.alias]
      : [this.#providers, model.provider];
    const { now, random, onCooldown } = this.#sources;
    const known = states.get(name);
    const failure = { fault, rule, startedAt, now: now(), random: random() };
    const state = noteFailure(known, failure);
    states.set(name, state);
    const cooldown = readCooldown(state, failure.now);
    const isNew = known === undefined || known.failures < state.failures ||
      known.kind !== state.kind;
    if (isNew && cooldown !== null) onCooldown?.({ scope, name, cooldown });
  }

  #change(model: Model, change: (state: HealthState) => HealthState): void {
    const own = this.#models.get(model.alias);
    const shared = this.#providers.get(model.provider);
    if (own !== undefined) this.#models.set(model.alias, change(own));
    if (shared !== undefined) this.#providers.set(model.provider, change(shared));
  }
}
