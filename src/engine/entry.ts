/** What the ledger's entries of all requests share, routed ones and passed ones. */

import type { RequestRecord, RequestStatus } from "../ledger/ledger.ts";

/** The status that is noted for a client that left before it got one (nginx's convention). */
export const CLIENT_LEFT = 499;

/** The status of a request that a defect of pirouter ended. */
const DEFECT_STATUS = 500;

/** The most characters that are kept of the name which a client sent. */
const MAX_NAME_CHARS = 200;

/** When a request came: milliseconds since 1970, and milliseconds of the monotonic clock. */
export interface RequestClock {
  readonly ts: number;
  readonly startedAt: number;
}

/** What is known of a request however it ends; it ends now. */
export function noteFacts(
  of: {
    readonly requestId: string;
    readonly clock: RequestClock;
    /** The name of a model that the client sent. */
    readonly name: string;
    readonly isStreamed: boolean;
  },
): Pick<RequestRecord, "id" | "ts" | "requestedModel" | "stream" | "latencyMs"> {
  return {
    id: of.requestId,
    ts: of.clock.ts,
    requestedModel: of.name.slice(0, MAX_NAME_CHARS),
    stream: of.isStreamed,
    latencyMs: performance.now() - of.clock.startedAt,
  };
}

/** The results of a request for which no model was asked. */
export const NOT_ASKED = {
  primaryModel: "",
  finalModel: null,
  status: "error",
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  costUsd: 0,
  ttftMs: null,
} as const;

/** How a request ends: cancelled, unless something else is noted. */
export class Ending {
  #status: RequestStatus = "cancelled";
  #httpStatus = CLIENT_LEFT;

  /** The status of the ledger. */
  get status(): RequestStatus {
    return this.#status;
  }

  /** The HTTP status that the client got. */
  get httpStatus(): number {
    return this.#httpStatus;
  }

  /** Notes that the response's head was given to the client. */
  noteHead(): void {
    this.#httpStatus = 200;
  }

  /** Notes that the client got a whole answer. */
  noteServed(): void {
    this.#status = "ok";
  }

  /** Notes that the client got an error; its status counts only when no head went before it. */
  noteFailed(status: "error" | "exhausted", httpStatus: number): void {
    this.#status = status;
    if (this.#httpStatus === CLIENT_LEFT) this.#httpStatus = httpStatus;
  }

  /** Notes that a defect of pirouter ended the request. */
  noteDefect(): void {
    this.noteFailed("error", DEFECT_STATUS);
  }
}
