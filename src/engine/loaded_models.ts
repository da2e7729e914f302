/** Which models one server has in memory, as it says itself; asked in the background. */

import type { Model } from "../core/catalog.ts";
import type { JsonValue } from "../core/json.ts";
import type { Provider } from "../core/provider.ts";
import type { LoadedModelsQuery } from "../providers/adapter.ts";
import { getJson } from "../providers/transport.ts";
import { waitFor } from "./wait.ts";

/** Milliseconds that the server may take to say which models it has loaded. */
const ANSWER_LIMIT_MS = 1_000;

/** Milliseconds for which it is not asked again. */
const FRESH_MS = 5_000;

/** Milliseconds within which a look is as good as one of now. */
const NOW_MS = 1_000;

/** Milliseconds for which what it said is believed; servers keep a model for minutes. */
const BELIEVED_MS = 60_000;

/** Whom to ask, and how. */
export interface LoadedModelsOptions {
  readonly provider: Provider;
  readonly query: LoadedModelsQuery;
  readonly client: Deno.HttpClient;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** One look at what the server has loaded. */
export class Look {
  /** When the server was asked: milliseconds of the monotonic clock. */
  readonly askedAt: number;
  readonly #query: LoadedModelsQuery;
  #body: JsonValue = null;

  /** A look that has shown nothing yet. */
  constructor(query: LoadedModelsQuery, askedAt: number) {
    this.#query = query;
    this.askedAt = askedAt;
  }

  /** Notes the reply; null: there was none. */
  noteReply(body: JsonValue): void {
    this.#body = body;
  }

  /** Whether the model was loaded; null while, and where, the server does not say. */
  hasModel(model: Model): boolean | null {
    return this.#body === null ? null : this.#query.hasModel(this.#body, model);
  }
}

/** What is known of the models that one server has loaded. */
export class LoadedModels {
  readonly #options: LoadedModelsOptions;
  readonly #now: () => number;
  readonly #closing = new AbortController();
  /** The newest look, whether it has an answer or not. */
  #latest: Look | null = null;
  /** The newest one that was answered, or had no answer in time. */
  #answered: Look | null = null;
  /** Ends with the question that is under way. */
  #asking: Promise<void> | null = null;

  /** Nobody has been asked yet. */
  constructor(options: LoadedModelsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Asks in the background, unless it was asked in the last five seconds. */
  refresh(): void {
    if (this.#lookWithin(FRESH_MS) === null) this.#ask();
  }

  /** The look of the last five seconds, which may have no answer yet; null: nobody has looked. */
  get fresh(): Look | null {
    return this.#lookWithin(FRESH_MS);
  }

  /** The newest look that has ended, while it can be believed; null: there is none. */
  get known(): Look | null {
    const look = this.#answered;
    return look !== null && this.#now() - look.askedAt < BELIEVED_MS ? look : null;
  }

  /** A look of now, for which at most `limitMs` milliseconds are waited; it may have no answer then. */
  async look(options: { readonly signal: AbortSignal; readonly limitMs: number }): Promise<Look> {
    const look = this.#lookWithin(NOW_MS) ?? this.#ask();
    const done = new AbortController();
    const end = AbortSignal.any([options.signal, done.signal]);
    await Promise.race([this.#asking, waitFor(options.limitMs, end)]);
    done.abort();
    return look;
  }

  /** Ends the question that is under way; resolves when it has ended. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#asking;
  }

  #lookWithin(ms: number): Look | null {
    const look = this.#latest;
    if (look === null) return null;
    // One question at a time: the one that is under way is the newest there can be.
    return this.#asking !== null || this.#now() - look.askedAt < ms ? look : null;
  }

  #ask(): Look {
    const { provider, query, client } = this.#options;
    const look = new Look(query, this.#now());
    this.#latest = look;
    const limits = { client, signal: this.#closing.signal, limitMs: ANSWER_LIMIT_MS };
    this.#asking = getJson(query.encodeRequest(provider), limits).then((body) => {
      look.noteReply(body);
      this.#answered = look;
      this.#asking = null;
    });
    return look;
  }
}
