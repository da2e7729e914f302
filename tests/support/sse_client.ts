/** Reads a streamed answer event by event. */

import type { ChatChunk } from "../../src/core/chat.ts";
import { within } from "./deadline.ts";
import { eventsIn } from "./got.ts";

/** A client of one streamed response. */
export class SseClient {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | null;
  readonly #decoder = new TextDecoder();
  #text = "";
  #raw = "";
  readonly #events: string[] = [];

  /** Reads the body of this response. */
  constructor(response: Response) {
    this.response = response;
    this.#reader = response.body?.getReader() ?? null;
  }

  /** All that has come so far, as it came. */
  get raw(): string {
    return this.#raw;
  }

  /** The next event's data or comment (with its colon); null at the end. */
  async next(): Promise<string | null> {
    while (this.#events.length === 0) {
      if (!await this.#read()) return null;
    }
    return this.#events.shift() ?? null;
  }

  /** The text of the next chunk that has some. */
  async nextText(): Promise<string> {
    for (;;) {
      const data = await this.next();
      if (data === null) throw new Error("the stream has ended");
      const content = data.startsWith("{")
        ? JSON.parse(data).choices?.[0]?.delta?.content ?? ""
        : "";
      if (content !== "") return content;
    }
  }

  /** Every event to the end. */
  async readAll(): Promise<readonly string[]> {
    const all: string[] = [];
    for (let data = await this.next(); data !== null; data = await this.next()) all.push(data);
    return all;
  }

  /** Every chunk to the end, which must be `[DONE]`. */
  async readChunks(): Promise<readonly ChatChunk[]> {
    const all = await this.readAll();
    if (all.at(-1) !== "[DONE]") throw new Error(`the stream ended with ${all.at(-1)}`);
    return all.slice(0, -1).filter((data) => !data.startsWith(":")).map((data) => JSON.parse(data));
  }

  /** Leaves. */
  async cancel(): Promise<void> {
    await this.#reader?.cancel();
  }

  async #read(): Promise<boolean> {
    if (this.#reader === null) return false;
    const { done, value } = await within(this.#reader.read(), "the next bytes of the stream");
    if (done) return false;
    const piece = this.#decoder.decode(value, { stream: true });
    this.#raw += piece;
    this.#text += piece;
    this.#events.push(...eventsIn(this.#text));
    this.#text = this.#text.split("\n\n").at(-1) ?? "";
    return true;
  }
}
