/** What a server has said of itself. */

import type { JsonValue } from "../core/json.ts";

/** For how long it is believed, in milliseconds: a server may be replaced while it is used. */
const REMEMBERED_MS = 300_000;

/** A reply that is asked for when it is first needed, and remembered for five minutes. */
export class RememberedReply {
  readonly #now: () => number;
  #body: JsonValue = null;
  #endsAt = 0;

  /** `now` gives milliseconds of a monotonic clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The reply; null when `ask` gives none, which is not remembered. */
  async get(ask: () => Promise<JsonValue>): Promise<JsonValue> {
    if (this.#body !== null && this.#now() < this.#endsAt) return this.#body;
    const body = await ask();
    if (body !== null) {
      this.#body = body;
      this.#endsAt = this.#now() + REMEMBERED_MS;
    }
    return body;
  }
}
