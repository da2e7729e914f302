/** One request of pirouter to a scripted upstream, and every byte of the answer that a test gives. */

import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import type { RecordedRequest, UpstreamConnection } from "./upstream_connection.ts";
import { type ScriptedAnswer, STREAM_TYPES, streamEvents, wholeBody } from "./upstream_wire.ts";

/** Headers of an answer. */
export type HeaderList = Readonly<Record<string, string>>;

/** One request of pirouter and the answer that a test gives to it. */
export class Exchange {
  readonly kind: ProviderKind;
  readonly request: RecordedRequest;
  readonly #connection: UpstreamConnection;
  readonly #over = Promise.withResolvers<void>();

  /** An exchange that has not been answered. */
  constructor(kind: ProviderKind, request: RecordedRequest, connection: UpstreamConnection) {
    this.kind = kind;
    this.request = request;
    this.#connection = connection;
  }

  /** The body, when it is an object. */
  get body(): JsonObject {
    const { body } = this.request;
    return isJsonObject(body) ? body : {};
  }

  /** Resolves when pirouter has closed the connection, with the time of `performance.now()`. */
  get clientLeft(): Promise<number> {
    return this.#connection.left;
  }

  /** Whether pirouter has closed the connection. */
  get isClientGone(): boolean {
    return this.#connection.isLeft;
  }

  /** Resolves when the exchange is over, from either side. */
  get over(): Promise<void> {
    return Promise.race([this.#over.promise, this.#connection.ended]);
  }

  /** Sends bytes as they are. */
  async sendRaw(data: string | Uint8Array): Promise<void> {
    await this.#connection.write(data);
  }

  /** Sends bytes in one write up to each offset; each gets time to arrive as a read of its own. */
  async sendSplit(bytes: Uint8Array, offsets: readonly number[]): Promise<void> {
    const starts = [0, ...offsets];
    for (const [position, start] of starts.entries()) {
      if (position > 0) await turn();
      await this.sendRaw(bytes.subarray(start, starts[position + 1]));
    }
  }

  /** Sends a status line and headers; the body follows in chunks unless a header says otherwise. */
  async sendHead(status: number, headers: HeaderList = {}): Promise<void> {
    const isFramed = "content-length" in headers || headers["connection"] === "close";
    const all = isFramed ? headers : { ...headers, "transfer-encoding": "chunked" };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    await this.sendRaw(`HTTP/1.1 ${status} Scripted\r\n${lines.join("")}\r\n`);
  }

  /** Sends the head of a stream of this dialect. */
  async sendStreamHead(headers: HeaderList = {}): Promise<void> {
    await this.sendHead(200, { "content-type": STREAM_TYPES[this.kind], ...headers });
  }

  /** Sends one chunk of a chunked body. */
  async sendChunk(data: string | Uint8Array): Promise<void> {
    await this.sendRaw(encodeChunk(data));
  }

  /** Ends a chunked body. */
  async endChunks(): Promise<void> {
    await this.sendRaw("0\r\n\r\n");
    this.end();
  }

  /** Notes that the whole answer was sent by hand: the connection takes the next request. */
  end(): void {
    this.#over.resolve();
  }

  /** Sends a whole response. */
  async sendWhole(
    status: number,
    body: string | Uint8Array | JsonValue,
    headers: HeaderList = {},
  ): Promise<void> {
    const isBytes = body instanceof Uint8Array;
    const text = isBytes || typeof body === "string" ? body : JSON.stringify(body);
    const bytes = typeof text === "string" ? ENCODER.encode(text) : text;
    await this.sendHead(status, {
      "content-type": "application/json",
      "content-length": String(bytes.length),
      ...headers,
    });
    await this.sendRaw(bytes);
    this.#over.resolve();
  }

  /** Streams these objects, each as an event or a line of this dialect, with its end marker. */
  async sendBodies(bodies: readonly JsonObject[]): Promise<void> {
    await this.sendStreamHead();
    for (const body of bodies) {
      const text = JSON.stringify(body);
      await this.sendChunk(this.kind === "ollama" ? `${text}\n` : `data: ${text}\n\n`);
    }
    if (this.kind === "openai") await this.sendChunk("data: [DONE]\n\n");
    await this.endChunks();
  }

  /** Answers in this dialect: streamed when the request asks for that, else whole. */
  async answer(answer: ScriptedAnswer): Promise<void> {
    if (this.body["stream"] !== true) {
      return await this.sendWhole(200, wholeBody(this.kind, answer));
    }
    await this.sendStreamHead();
    for (const event of streamEvents(this.kind, answer)) await this.sendChunk(event);
    await this.endChunks();
  }

  /** Closes the connection, wherever the answer is. */
  cut(): void {
    this.#connection.close();
    this.#over.resolve();
  }

  /** Ends the connection by a TCP reset, wherever the answer is. */
  reset(): void {
    this.#connection.reset();
    this.#over.resolve();
  }
}

/** One chunk of a chunked body (https://www.rfc-editor.org/rfc/rfc9112#section-7.1). */
export function encodeChunk(data: string | Uint8Array): Uint8Array {
  const bytes = typeof data === "string" ? ENCODER.encode(data) : data;
  const head = ENCODER.encode(`${bytes.length.toString(16)}\r\n`);
  const chunk = new Uint8Array(head.length + bytes.length + 2);
  chunk.set(head);
  chunk.set(bytes, head.length);
  chunk.set([13, 10], head.length + bytes.length);
  return chunk;
}

const ENCODER = new TextEncoder();

/** A turn of the event loop, in which sockets are read. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
}
