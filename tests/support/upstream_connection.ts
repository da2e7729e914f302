/** One connection of a scripted upstream: bytes in, bytes out, and the moment its client leaves. */

import type { Socket } from "node:net";
import type { JsonValue } from "../../src/core/json.ts";

/** A request as it came over the wire. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  /** The parsed body; null when it is not JSON. */
  readonly body: JsonValue;
}

const DECODER = new TextDecoder();

/**
 * A TCP connection that is read all the time, so that its end is seen when it comes. It is one of
 * `node:net`, because only that can send a reset.
 */
export class UpstreamConnection {
  readonly #socket: Socket;
  readonly #left = Promise.withResolvers<number>();
  readonly #ended = Promise.withResolvers<void>();
  #bytes = new Uint8Array(0);
  #arrival = Promise.withResolvers<void>();
  #isClosed = false;
  #isLeft = false;

  /** Starts to read the socket. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (piece: Uint8Array) => this.#keep(piece));
    socket.on("end", () => this.#end());
    socket.on("error", () => this.#end());
    socket.on("close", () => {
      this.#end();
      this.#ended.resolve();
    });
  }

  /** Resolves when the socket is closed. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Resolves when the client has closed the connection, with the time of `performance.now()`. */
  get left(): Promise<number> {
    return this.#left.promise;
  }

  /** Whether the connection has ended, from either side. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Reads one request; null when the connection ends before. */
  async readRequest(): Promise<RecordedRequest | null> {
    const headEnd = await this.#find("\r\n\r\n");
    if (headEnd < 0) return null;
    const [start = "", ...lines] = DECODER.decode(this.#bytes.subarray(0, headEnd)).split("\r\n");
    const headers = new Map(lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    if (headers.has("transfer-encoding")) throw new Error("a chunked request is not expected");
    const bodyStart = headEnd + 4;
    const end = bodyStart + Number(headers.get("content-length") ?? 0);
    while (this.#bytes.length < end) {
      if (!await this.#more()) return null;
    }
    const text = DECODER.decode(this.#bytes.subarray(bodyStart, end));
    this.#bytes = this.#bytes.slice(end);
    const [method = "", path = ""] = start.split(" ");
    return { method, path, headers, text, body: parseOrNull(text) };
  }

  /** Writes all of it; what a client that has left can't take is dropped. */
  async write(data: string | Uint8Array): Promise<void> {
    if (this.#isLeft || this.#isClosed) return;
    const written = Promise.withResolvers<void>();
    this.#socket.write(data, () => written.resolve());
    await Promise.race([written.promise, this.ended]);
  }

  /** Ends the connection from this side. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
  }

  /** Ends the connection from this side by a TCP reset: what is under way may be lost. */
  reset(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.resetAndDestroy();
  }

  async #find(mark: string): Promise<number> {
    for (;;) {
      const index = DECODER.decode(this.#bytes).indexOf(mark);
      if (index >= 0) return index;
      if (!await this.#more()) return -1;
    }
  }

  async #more(): Promise<boolean> {
    if (this.#isLeft || this.#isClosed) return false;
    await this.#arrival.promise;
    return !this.#isLeft;
  }

  #keep(piece: Uint8Array): void {
    const joined = new Uint8Array(this.#bytes.length + piece.length);
    joined.set(this.#bytes);
    joined.set(piece, this.#bytes.length);
    this.#bytes = joined;
    this.#arrival.resolve();
    this.#arrival = Promise.withResolvers<void>();
  }

  #end(): void {
    this.#isLeft = true;
    if (!this.#isClosed) this.#left.resolve(performance.now());
    this.#arrival.resolve();
    this.close();
  }
}

function parseOrNull(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
