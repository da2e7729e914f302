/** How quick models have been lately, so that their deadlines fit them. */

import type { Model } from "../core/catalog.ts";
import { firstTokenLimitMs, type PaceOptions, type TokenTime } from "../core/pace.ts";
import { type AnswerTime, type LearnedTimes, learnTimes } from "../core/readiness.ts";

/** The newest first tokens, and answers, that are kept of each model. */
const MAX_SAMPLES = 64;

/** Milliseconds for which a model that has answered counts as loaded; servers keep it for minutes. */
const WARM_MS = 60_000;

/** A first token of a model, as the ledger has it. */
export interface KnownTokenTime extends TokenTime {
  readonly provider: string;
  readonly modelId: string;
  /** Milliseconds from the request to the answer's end; null or absent: it had none. */
  readonly latencyMs?: number | null;
}

/** The answers of one model. */
interface Answers {
  readonly times: AnswerTime[];
  /** What they have shown; null: not looked at since the last one. */
  learned: LearnedTimes | null;
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
  readonly #answers = new Map<string, Answers>();
  /** By provider, who answered last and when: whoever answered before may have made room for it. */
  readonly #lastAnswers = new Map<string, { readonly modelId: string; readonly at: number }>();

  /** Starts from what is known, oldest first. */
  constructor(known: readonly KnownTokenTime[] = [], sources: PaceSources = {}) {
    this.#now = sources.now ?? (() => performance.now());
    for (const time of known) {
      this.#add(keyOf(time), time);
      const { latencyMs = null, ttftMs, inputTokens } = time;
      if (latencyMs === null) continue;
      // Whether the model was loaded the ledger doesn't know, and who was ahead of it neither.
      const standing = { isLoaded: null, isAlone: true };
      this.#addAnswer(keyOf(time), { ttftMs, readTokens: inputTokens, latencyMs, ...standing });
    }
  }

  /** Notes a first token. */
  note(model: Model, time: TokenTime): void {
    this.#noteAnswering(model);
    this.#add(keyOf(model), time);
  }

  /** Notes a whole answer, streamed or not. */
  noteAnswer(model: Model, time: AnswerTime): void {
    this.#noteAnswering(model);
    this.#addAnswer(keyOf(model), time);
  }

  /** Forgets what a model has shown: its first token did not come in time, so it may have changed. */
  forget(model: Model): void {
    this.#samples.delete(keyOf(model));
    this.#answers.delete(keyOf(model));
    this.#lastAnswers.delete(model.provider);
  }

  /** Milliseconds that the model's first token may take; see `firstTokenLimitMs`. */
  limitMs(model: Model, options: PaceOptions): number {
    return firstTokenLimitMs(this.#samples.get(keyOf(model)) ?? [], options);
  }

  /** What the model's answers have shown of how long it loads, reads and answers. */
  timesOf(model: Model): LearnedTimes {
    const answers = this.#answers.get(keyOf(model));
    if (answers === undefined) return learnTimes([]);
    answers.learned ??= learnTimes(answers.times);
    return answers.learned;
  }

  /** Whether it has answered so lately, and no other since, that it must be loaded still. */
  isWarm(model: Model): boolean {
    return this.answeredAt(model) !== null;
  }

  /** When that was, in milliseconds of the monotonic clock; null where it is not so. */
  answeredAt({ provider, modelId }: Model): number | null {
    const last = this.#lastAnswers.get(provider);
    const isWarm = last?.modelId === modelId && this.#now() - last.at < WARM_MS;
    return isWarm ? last.at : null;
  }

  #noteAnswering({ provider, modelId }: Model): void {
    this.#lastAnswers.set(provider, { modelId, at: this.#now() });
  }

  #addAnswer(key: string, time: AnswerTime): void {
    const answers = this.#answers.get(key) ?? { times: [], learned: null };
    answers.times.push(time);
    if (answers.times.length > MAX_SAMPLES) answers.times.shift();
    answers.learned = null;
    this.#answers.set(key, answers);
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
