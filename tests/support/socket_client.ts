/** A client by hand on one socket: for how connections end, which no `fetch` decides. */

import { connect, type Socket } from "node:net";
import type { JsonObject } from "../../src/core/json.ts";
import { within } from "./deadline.ts";

/** A connection that tests write to and end in any way. */
export class SocketClient implements Disposable {
  readonly #socket: Socket;
  readonly #ended = Promise.withResolvers<void>();
  #text = "";
  #arrival = Promise.withResolvers<void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (piece: string) => {
      this.#text += piece;
      this.#arrival.resolve();
      this.#arrival = Promise.withResolvers<void>();
    });
    socket.on("error", () => this.#ended.resolve());
    socket.on("close", () => this.#ended.resolve());
  }

  /** Connects to the daemon; the connection stays open when this side has ended its own half. */
  static async connect(origin: string): Promise<SocketClient> {
    const { hostname, port } = new URL(origin);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const connected = new Promise<void>((resolve) => socket.once("connect", () => resolve()));
    await within(connected, "the connection");
    return new SocketClient(socket);
  }

  /** All that has come. */
  get text(): string {
    return this.#text;
  }

  /** Posts a chat request; `close` asks for the connection's end after the response. */
  post(body: JsonObject, connection: "close" | "keep-alive" = "close"): void {
    const text = JSON.stringify(body);
    this.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: ${connection}\r\n` +
        `content-type: application/json\r\ncontent-length: ${new Blob([text]).size}\r\n\r\n${text}`,
    );
  }

  /** Writes as it is. */
  write(text: string): void {
    this.#socket.write(text);
  }

  /** Waits until this has come. */
  async sees(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#text)) {
      await within(Promise.race([this.#arrival.promise, this.#refuseEnd(pattern)]), `${pattern}`);
    }
  }

  async #refuseEnd(pattern: RegExp): Promise<void> {
    await this.#ended.promise;
    if (!pattern.test(this.#text)) throw new Error(`no ${pattern} in: ${this.#text}`);
  }

  /** Waits for the end of the connection; all that has come by then. */
  async readAll(): Promise<string> {
    await within(this.#ended.promise, "the end of the connection");
    return this.#text;
  }

  /** Ends this side's half: what the other side sends is still read. */
  endHalf(): void {
    this.#socket.end();
  }

  /** Leaves by a TCP reset. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Leaves. */
  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
