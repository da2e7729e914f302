/** A scriptable upstream over raw TCP: a test decides every byte, and sees when its client leaves. */

import { isJsonObject, type JsonObject, type JsonValue } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { findAnthropicFaults } from "./anthropic_validator.ts";
import { within } from "./deadline.ts";
import { checkOllamaRequest } from "./ollama_validator.ts";
import { findProblem } from "./openai_validator.ts";
import { type RecordedRequest, UpstreamConnection } from "./upstream_connection.ts";
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
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const head = new TextEncoder().encode(`${bytes.length.toString(16)}\r\n`);
    await this.sendRaw(new Uint8Array([...head, ...bytes, 13, 10]));
  }

  /** Ends a chunked body. */
  async endChunks(): Promise<void> {
    await this.sendRaw("0\r\n\r\n");
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
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    await this.sendHead(status, {
      "content-type": "application/json",
      "content-length": String(bytes.length),
      ...headers,
    });
    await this.sendRaw(bytes);
    this.#over.resolve();
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
}

/** Answers an exchange; `position` counts the requests of the upstream from 0. */
export type Script = (exchange: Exchange, position: number) => Promise<void>;

/** A listening upstream. Disposing it fails the test when a request broke the dialect's rules. */
export class Upstream implements AsyncDisposable {
  readonly kind: ProviderKind;
  /** Every request so far. */
  readonly exchanges: Exchange[] = [];
  /** What the vendor would have refused. */
  readonly violations: string[] = [];
  readonly #listener: Deno.TcpListener;
  readonly #script: Script | null;
  readonly #connections: Set<UpstreamConnection> = new Set();
  readonly #running: Promise<void>[] = [];
  #taken = 0;
  #arrival = Promise.withResolvers<void>();

  /** Listens; without a script the test takes each exchange by `next()`. */
  constructor(kind: ProviderKind, script: Script | null = null) {
    this.kind = kind;
    this.#script = script;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#running.push(this.#accept());
  }

  /** `http://127.0.0.1:<port>`. */
  get baseUrl(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  /** Connections that are open now. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** The next request that no `next()` has taken. */
  async next(): Promise<Exchange> {
    while (this.exchanges.length <= this.#taken) {
      await within(this.#arrival.promise, "the next request at the upstream");
    }
    const exchange = this.exchanges[this.#taken++];
    if (exchange === undefined) throw new Error("the exchange is gone");
    return exchange;
  }

  /** Ends all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
    await Promise.all(this.#running);
    if (this.violations.length > 0) {
      throw new Error(`the ${this.kind} upstream refuses: ${this.violations.join("; ")}`);
    }
  }

  async #accept(): Promise<void> {
    try {
      for await (const socket of this.#listener) this.#running.push(this.#serve(socket));
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #serve(socket: Deno.TcpConn): Promise<void> {
    const connection = new UpstreamConnection(socket);
    this.#connections.add(connection);
    for (;;) {
      const request = await connection.readRequest();
      if (request === null) break;
      this.violations.push(...findViolations(this.kind, request));
      const exchange = new Exchange(this.kind, request, connection);
      const position = this.exchanges.push(exchange) - 1;
      this.#arrival.resolve();
      this.#arrival = Promise.withResolvers<void>();
      if (this.#script !== null) await this.#script(exchange, position);
      await exchange.over;
    }
    await connection.ended;
    this.#connections.delete(connection);
  }
}

const PATHS: Readonly<Record<ProviderKind, string>> = {
  openai: "/v1/chat/completions",
  anthropic: "/v1/messages",
  ollama: "/api/chat",
};

const VALIDATORS: Readonly<Record<ProviderKind, (body: JsonObject) => readonly string[]>> = {
  openai: (body) => [findProblem(body)].filter((problem) => problem !== null),
  anthropic: findAnthropicFaults,
  ollama: checkOllamaRequest,
};

function findViolations(kind: ProviderKind, request: RecordedRequest): readonly string[] {
  const { method, path, body, headers } = request;
  return [
    ...(method === "POST" && path === PATHS[kind] ? [] : [`${method} ${path}`]),
    ...(headers.get("content-type") === "application/json" ? [] : ["no content-type"]),
    ...(isJsonObject(body) ? VALIDATORS[kind](body) : ["the body is no object"]),
    ...(kind !== "anthropic" || headers.has("anthropic-version") ? [] : ["no anthropic-version"]),
  ];
}
