/** Which context windows a server has loaded its models with, so that they need not be loaded anew. */

/** What one request asks of the server. */
export interface AskedWindow {
  /** Tokens. */
  readonly window?: number;
  /** Milliseconds that the server keeps the model after it; Infinity: for ever. */
  readonly keepAliveMs?: number;
}

interface Loaded {
  readonly window: number;
  /** When the server forgets the model, if nobody uses it again. */
  readonly endsAt: number;
}

/** A model's window, and those that requests in flight ask for. */
interface Entry {
  loaded: Loaded | null;
  readonly asked: Set<WindowUse>;
}

/**
 * The windows of one provider's models, by model id. A server loads a model anew whenever another
 * window is asked for, so a small request asks for the window that an earlier, larger one has left.
 * What a server could not load is not remembered: the next request asks for what it needs itself.
 */
export class Windows {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  /** `now` gives milliseconds of a monotonic clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The largest window, in tokens, that was asked for lately; null when the model has been forgotten. */
  windowOf(modelId: string): number | null {
    const entry = this.#entries.get(modelId);
    if (entry === undefined) return null;
    const { loaded, asked } = entry;
    // While a request runs, the server keeps the model, however long that takes.
    const isKept = loaded !== null && (asked.size > 0 || this.#now() < loaded.endsAt);
    const windows = [...asked].map(({ asked: { window } }) => window ?? 0);
    const largest = Math.max(isKept ? loaded.window : 0, ...windows);
    return largest === 0 ? null : largest;
  }

  /** Begins a request for the model; it ends when the use is disposed. */
  use(modelId: string): WindowUse {
    const windowBefore = this.windowOf(modelId);
    const entry = this.#entries.get(modelId) ?? { loaded: null, asked: new Set() };
    this.#entries.set(modelId, entry);
    // What has ended must not come back to life with this use.
    if (windowBefore === null) entry.loaded = null;
    const use: WindowUse = new WindowUse({
      window: windowBefore,
      onEnd: (isLoaded) => this.#end(modelId, use, isLoaded),
    });
    entry.asked.add(use);
    return use;
  }

  #end(modelId: string, use: WindowUse, isLoaded: boolean | null): void {
    const entry = this.#entries.get(modelId);
    if (entry === undefined) return;
    const { window, keepAliveMs = 0 } = use.asked;
    if (isLoaded === false) entry.loaded = null;
    if (isLoaded === true && window !== undefined) {
      const largest = Math.max(window, entry.loaded?.window ?? 0);
      entry.loaded = { window: largest, endsAt: this.#now() + keepAliveMs };
    }
    entry.asked.delete(use);
    if (entry.asked.size === 0 && this.windowOf(modelId) === null) this.#entries.delete(modelId);
  }
}

/** One request's use of a model. */
export class WindowUse implements Disposable {
  /** The window, in tokens, that the model has been loaded with; null: unknown. */
  readonly window: number | null;
  readonly #onEnd: (isLoaded: boolean | null) => void;
  #asked: AskedWindow = {};
  #isLoaded: boolean | null = null;

  /** `onEnd` is told whether the model was loaded; null: the server did not say. */
  constructor(options: {
    readonly window: number | null;
    readonly onEnd: (isLoaded: boolean | null) => void;
  }) {
    this.window = options.window;
    this.#onEnd = options.onEnd;
  }

  /** What the request asks for. */
  get asked(): AskedWindow {
    return this.#asked;
  }

  /** Notes what is asked for, just before it is. */
  note(asked: AskedWindow): void {
    this.#asked = asked;
  }

  /** Notes the server's reply: with a status of success the model is loaded. */
  noteStatus(status: number): void {
    if (status >= 200 && status < 300) this.#isLoaded = true;
    else if (status >= 500) this.#isLoaded = false;
  }

  /** Ends the use. */
  [Symbol.dispose](): void {
    this.#onEnd(this.#isLoaded);
  }
}
