/** Which context windows a server has loaded its models with, so that they need not be loaded anew. */

/** What one request asks of the server. */
export interface AskedWindow {
  /** Tokens. */
  readonly window?: number;
  /** Milliseconds that the server keeps the model after it; Infinity: for ever. */
  readonly keepAliveMs?: number;
}

/** How the windows of a provider's models are kept. */
export interface WindowsOptions {
  /** Gives milliseconds of a monotonic clock. */
  readonly now?: () => number;
  /** Gives the same text for all ids that mean one model; absent: each means its own. */
  readonly keyOf?: ((modelId: string) => string) | undefined;
}

interface Loaded {
  readonly window: number;
  /** When the server forgets the model, if nobody uses it again. */
  readonly endsAt: number;
}

/** A model's window, and how many requests for it are in flight. */
interface Entry {
  loaded: Loaded | null;
  useCount: number;
}

/**
 * The windows of one provider's models. A server loads a model anew whenever another window is asked
 * for, so a small request asks for the window that an earlier, larger one has left. Only a reply says
 * that a window is loaded: one that the server can't load must not become that of all requests.
 */
export class Windows {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  readonly #keyOf: (modelId: string) => string;

  /** Knows of no window yet. */
  constructor({ now = () => performance.now(), keyOf = (id) => id }: WindowsOptions = {}) {
    this.#now = now;
    this.#keyOf = keyOf;
  }

  /** The largest window, in tokens, that was loaded lately; null when the model has been forgotten. */
  windowOf(modelId: string): number | null {
    const entry = this.#entries.get(this.#keyOf(modelId));
    return entry === undefined ? null : this.#windowIn(entry);
  }

  /** Begins a request for the model; it ends when the use is disposed. */
  use(modelId: string): WindowUse {
    const key = this.#keyOf(modelId);
    const entry = this.#entries.get(key) ?? { loaded: null, useCount: 0 };
    this.#entries.set(key, entry);
    const window = this.#windowIn(entry);
    // What has ended must not come back to life with this use.
    if (window === null) entry.loaded = null;
    entry.useCount++;
    return new WindowUse({
      window,
      onLoaded: (asked) => this.#noteLoaded(entry, asked),
      onFailed: () => entry.loaded = null,
      onEnd: () => {
        entry.useCount--;
        if (this.#windowIn(entry) === null && entry.useCount === 0) this.#entries.delete(key);
      },
    });
  }

  #windowIn({ loaded, useCount }: Entry): number | null {
    // While a request runs, the server keeps the model, however long that takes.
    return loaded !== null && (useCount > 0 || this.#now() < loaded.endsAt) ? loaded.window : null;
  }

  #noteLoaded(entry: Entry, { window, keepAliveMs = 0 }: AskedWindow): void {
    if (window === undefined) return;
    const largest = Math.max(window, entry.loaded?.window ?? 0);
    entry.loaded = { window: largest, endsAt: this.#now() + keepAliveMs };
  }
}

/** What happens to one request's use of a model. */
interface UseEvents {
  readonly onLoaded: (asked: AskedWindow) => void;
  readonly onFailed: () => void;
  readonly onEnd: () => void;
}

/** One request's use of a model. */
export class WindowUse implements Disposable {
  /** The window, in tokens, that the model has been loaded with; null: unknown. */
  readonly window: number | null;
  readonly #events: UseEvents;
  #asked: AskedWindow = {};
  #isLoaded = false;

  /** `window` is the one that was loaded before. */
  constructor({ window, ...events }: UseEvents & { readonly window: number | null }) {
    this.window = window;
    this.#events = events;
  }

  /** Notes what is asked for, just before it is. */
  note(asked: AskedWindow): void {
    this.#asked = asked;
  }

  /** Notes the server's reply: with a status of success the model is loaded. */
  noteStatus(status: number): void {
    this.#isLoaded = status >= 200 && status < 300;
    if (this.#isLoaded) this.#events.onLoaded(this.#asked);
    else if (status >= 500) this.#events.onFailed();
  }

  /** Ends the use; a model that has answered stays loaded from now on. */
  [Symbol.dispose](): void {
    if (this.#isLoaded) this.#events.onLoaded(this.#asked);
    this.#events.onEnd();
  }
}
