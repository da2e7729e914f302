/** What an encoder has to say beside the body it builds. */

import type { UpstreamFault } from "../core/outcome.ts";

/** Collects, for one request, what the dialect can't say. */
export class EncodingNotes {
  readonly #dropped = new Set<string>();
  #fault: UpstreamFault | null = null;

  /** Names something of the client's that is left out; a second time changes nothing. */
  drop(name: string): void {
    this.#dropped.add(name);
  }

  /** Refuses the request: leaving this out would change what it means. The first reason stays. */
  refuse(param: string, message: string): void {
    this.#fault ??= {
      kind: "unsupported",
      status: null,
      message,
      type: "invalid_request_error",
      code: "unsupported_parameter",
      param,
    };
  }

  /** The names of what is left out, in the order of their first mention. */
  get dropped(): readonly string[] {
    return [...this.#dropped];
  }

  /** Why the request can't be sent; null when it can. */
  get fault(): UpstreamFault | null {
    return this.#fault;
  }
}
