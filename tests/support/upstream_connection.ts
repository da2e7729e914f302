/** One connection of a scripted upstream: bytes in, bytes out, and the moment its client leaves. */

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
const ENCODER = new TextEncoder();

/** A TCP connection that is read all the time, so that its end is seen when it comes. */
export class UpstreamConnection {
  readonly #socket: Deno.TcpConn;
  readonly #left = Promise.withResolvers<number>();
  #bytes = new Uint8Array(0);
  #arrival = Promise.withResolvers<void>();
  #isClosed = false;
  #isLeft = false;
  /** Resolves when the socket is read no more. */
  readonly ended: Promise<void>;

  /** Starts to read the socket. */
  constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
    socket.setNoDelay(true);
    this.ended = this.#pump();
  }

  /** Resolves when the client has closed the connection, with the time of `performance.now()`. */
  get left(): Promise<number> {
    return this.#left.promise;
  }

  /** Whether the client has closed the connection. */
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
    let rest = typeof data === "string" ? ENCODER.encode(data) : data;
    try {
      while (rest.length > 0) rest = rest.subarray(await this.#socket.write(rest));
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** Ends the connection from this side. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
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

  async #pump(): Promise<void> {
    const piece = new Uint8Array(65_536);
    for (;;) {
      const count = await this.#read(piece);
      if (count === null) break;
      const joined = new Uint8Array(this.#bytes.length + count);
      joined.set(this.#bytes);
      joined.set(piece.subarray(0, count), this.#bytes.length);
      this.#bytes = joined;
      this.#arrival.resolve();
      this.#arrival = Promise.withResolvers<void>();
    }
    this.#isLeft = true;
    if (!this.#isClosed) this.#left.resolve(performance.now());
    this.#arrival.resolve();
    this.close();
  }

  async #read(piece: Uint8Array): Promise<number | null> {
    try {
      return await this.#socket.read(piece);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.NotConnected;
}

function parseOrNull(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
