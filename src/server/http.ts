/** Requests and replies as handlers see them: no sockets, no runtime's own types. */

import type { HeaderMap } from "../core/features.ts";

/** A request whose body is not read yet. */
export interface HttpRequest {
  /** Unique; the client finds it in the reply's headers. */
  readonly id: string;
  readonly method: string;
  /** The path without the query, as it was sent. */
  readonly path: string;
  readonly headers: HeaderMap;
  /** Aborts when the client leaves before its reply is whole. */
  readonly signal: AbortSignal;
  /** Reads the whole body, once. */
  readBody(limits: BodyLimits): Promise<BodyRead>;
}

/** How much of a body is read, and for how long. */
export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** A body, or why it was not read to its end. */
export type BodyRead =
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  | { readonly type: "too_large" }
  | { readonly type: "late" }
  | { readonly type: "gone" };

/** What is sent back. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or bytes that are sent as they come. */
  readonly body: string | ReplyStream;
}

/** A body that is sent while it is made. */
export interface ReplyStream {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends what makes the bytes, when nobody will read them. */
  cancel(): Promise<void>;
  /** What is sent after each so many milliseconds of silence. */
  readonly keepAlive: { readonly afterMs: number; readonly bytes: Uint8Array };
}
