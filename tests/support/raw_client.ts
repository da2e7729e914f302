/** HTTP by hand, for requests that no client library sends. */

import { within } from "./deadline.ts";

/** A response as it came. */
export interface RawResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Every byte of it. */
  readonly raw: string;
}

/** A request by hand; `host` and `connection: close` are set unless the headers say otherwise. */
export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is: chunked bodies are written by hand. */
  readonly body?: string | Uint8Array;
}

/** Sends a request and reads until the other side closes. */
export async function sendRaw(origin: string, request: RawRequest): Promise<RawResponse> {
  const { hostname, port, host } = new URL(origin);
  using socket = await Deno.connect({ hostname, port: Number(port) });
  const { method = "GET", path = "/", body = "" } = request;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const length = bytes.length > 0 && request.headers?.["transfer-encoding"] === undefined
    ? { "content-length": String(bytes.length) }
    : {};
  const headers = { host, "connection": "close", ...length, ...request.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = new TextEncoder().encode(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  const [raw] = await within(
    Promise.all([readToEnd(socket), writeAll(socket, [head, bytes])]),
    "the response",
  );
  return parseResponse(raw);
}

/** A server may answer, and close, before it has read everything. */
async function writeAll(socket: Deno.TcpConn, parts: readonly Uint8Array[]): Promise<void> {
  try {
    for (const part of parts) {
      let rest = part;
      while (rest.length > 0) rest = rest.subarray(await socket.write(rest));
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

async function readToEnd(socket: Deno.TcpConn): Promise<string> {
  const decoder = new TextDecoder();
  const piece = new Uint8Array(65_536);
  let text = "";
  try {
    for (let count = await socket.read(piece); count !== null; count = await socket.read(piece)) {
      text += decoder.decode(piece.subarray(0, count), { stream: true });
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  return text;
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset;
}

function parseResponse(raw: string): RawResponse {
  const split = raw.indexOf("\r\n\r\n");
  const [start = "", ...lines] = raw.slice(0, split).split("\r\n");
  const headers = new Map(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  return { status: Number(start.split(" ")[1]), headers, body: raw.slice(split + 4), raw };
}
