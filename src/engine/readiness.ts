/** How soon the models of a snapshot can begin to answer, and how they stand when they are asked. */

import type { Catalog, Model } from "../core/catalog.ts";
import type { Provider } from "../core/provider.ts";
import {
  DEFAULT_ANSWER_MS,
  DEFAULT_LOAD_MS,
  DEFAULT_PREFILL_TOKENS_PER_SEC,
  type ReadinessFacts,
} from "../core/readiness.ts";
import { ADAPTERS } from "../providers/mod.ts";
import type { LoadedModels } from "./loaded_models.ts";
import type { Pace } from "./pace.ts";
import type { Slots } from "./slots.ts";

/**
 * Requests that a server on the user's machine serves at once, a model, where `max_concurrency` does
 * not say; others wait in it. Ollama's default (`OLLAMA_NUM_PARALLEL`), and judgement for the rest:
 * https://docs.ollama.com/faq#how-does-ollama-handle-concurrent-requests
 */
const LOCAL_AT_ONCE = 1;

/** What of a provider's link says how busy it is. */
export interface ReadinessLink {
  readonly slots: Slots;
  /** Null where the server does not tell. */
  readonly loaded: LoadedModels | null;
}

/** What readiness is told from. */
export interface ReadinessOptions {
  /** By id. */
  readonly providers: ReadonlyMap<string, Provider>;
  /** By provider id. */
  readonly links: ReadonlyMap<string, ReadinessLink>;
  readonly pace: Pace;
}

/** How soon models can begin to answer. */
export class Readiness {
  readonly #options: ReadinessOptions;
  /** Requests in flight, by model. */
  readonly #inFlight = new Map<string, number>();
  #watched: { readonly catalog: Catalog; readonly loaded: readonly LoadedModels[] } | null = null;

  /** Nobody is asked for anything yet. */
  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /**
   * Asks in the background what the servers of the catalog's local models have loaded, each at most
   * once in five seconds. Nobody waits for it: the next decision knows.
   */
  refresh(catalog: Catalog): void {
    if (this.#watched?.catalog !== catalog) {
      this.#watched = { catalog, loaded: this.#findLocalServers(catalog) };
    }
    for (const loaded of this.#watched.loaded) loaded.refresh();
  }

  /** What is known of the model now; null where nothing is waited for that anybody knows of. */
  readinessOf(model: Model): ReadinessFacts | null {
    const ahead = this.#countAhead(model);
    if (!model.local && ahead === 0) return null;
    const times = this.#options.pace.timesOf(model);
    const speed = times.prefillTokensPerSec ?? DEFAULT_PREFILL_TOKENS_PER_SEC;
    return {
      isLoaded: model.local ? this.#isLoaded(model) : null,
      ahead,
      atOnce: this.#atOnceOf(model),
      loadMs: times.loadMs ?? DEFAULT_LOAD_MS,
      prefillTokensPerSec: model.local ? speed : null,
      isSpeedKnown: times.prefillTokensPerSec !== null,
      answerMs: times.answerMs ?? DEFAULT_ANSWER_MS,
    };
  }

  /** Begins a request that has its slot; it ends when the standing is disposed. */
  enter(model: Model): Standing {
    const key = this.#keyOf(model);
    const before = this.#inFlight.get(key) ?? 0;
    this.#inFlight.set(key, before + 1);
    return new Standing({
      isAlone: before < this.#atOnceOf(model),
      readLoaded: this.#lookAt(model),
      onEnd: () => {
        const left = (this.#inFlight.get(key) ?? 1) - 1;
        if (left > 0) this.#inFlight.set(key, left);
        else this.#inFlight.delete(key);
      },
    });
  }

  /** Ends all questions; resolves when none is under way. */
  async close(): Promise<void> {
    await Promise.all([...this.#options.links.values()].map(({ loaded }) => loaded?.close()));
  }

  #findLocalServers(catalog: Catalog): readonly LoadedModels[] {
    const ids = [...catalog.values()].filter(({ local, enabled }) => local && enabled)
      .map(({ provider }) => provider);
    return [...new Set(ids)].flatMap((id) => this.#options.links.get(id)?.loaded ?? []);
  }

  /** Requests that must end before another one begins: those that wait in pirouter, or in the server. */
  #countAhead(model: Model): number {
    const slots = this.#options.links.get(model.provider)?.slots;
    if (slots !== undefined && slots.limit !== null) {
      return slots.takenCount < slots.limit ? 0 : slots.waitingCount + 1;
    }
    return model.local ? this.#inFlight.get(this.#keyOf(model)) ?? 0 : 0;
  }

  #atOnceOf({ provider, local }: Model): number {
    const limit = this.#options.links.get(provider)?.slots.limit ?? null;
    return limit ?? (local ? LOCAL_AT_ONCE : Infinity);
  }

  /** An answer says that the model is loaded, unless its server has said something else since. */
  #isLoaded(model: Model): boolean | null {
    const answeredAt = this.#options.pace.answeredAt(model);
    const known = this.#options.links.get(model.provider)?.loaded?.known ?? null;
    const isNewer = known !== null && (answeredAt === null || known.askedAt > answeredAt);
    return (isNewer ? known.hasModel(model) : null) ?? (answeredAt === null ? null : true);
  }

  /**
   * Whether it is loaded now, once that is known: a question that was just put is answered later. What
   * such an answer names may be loaded for this very request: Ollama lists a model while it loads
   * (`PsHandler`: https://github.com/ollama/ollama/blob/main/server/routes.go).
   */
  #lookAt(model: Model): () => boolean | null {
    const answeredAt = this.#options.pace.answeredAt(model);
    const isWarm = answeredAt === null ? null : true;
    const look = this.#options.links.get(model.provider)?.loaded?.fresh ?? null;
    if (look === null || (answeredAt !== null && answeredAt >= look.askedAt)) return () => isWarm;
    const said = look.hasModel(model);
    return () => said ?? (look.hasModel(model) === false ? false : isWarm);
  }

  /** One text for all names by which the server knows the model. */
  #keyOf({ provider: id, modelId }: Model): string {
    const kind = this.#options.providers.get(id)?.kind;
    const keyOf = kind === undefined ? undefined : ADAPTERS[kind].modelList?.keyOf;
    return JSON.stringify([id, keyOf?.(modelId) ?? modelId]);
  }
}

interface StandingOptions {
  readonly isAlone: boolean;
  readonly readLoaded: () => boolean | null;
  readonly onEnd: () => void;
}

/** How a model stood when a request for it went out, and that it is in flight. */
export class Standing implements Disposable {
  /** Whether the server could begin with it at once, as far as pirouter's own requests tell. */
  readonly isAlone: boolean;
  readonly #options: StandingOptions;

  /** The request is in flight from now on. */
  constructor(options: StandingOptions) {
    this.isAlone = options.isAlone;
    this.#options = options;
  }

  /** Whether the model was in memory; null: unknown, or not yet known. */
  get isLoaded(): boolean | null {
    return this.#options.readLoaded();
  }

  /** The request is in flight no more. */
  [Symbol.dispose](): void {
    this.#options.onEnd();
  }
}
