/** A chat request by hand, so that every byte of its response is seen. */

import type { JsonObject } from "../../src/core/json.ts";
import type { TestDaemon } from "./daemon.ts";
import { type Got, readGot } from "./got.ts";
import { assertOneResponse } from "./invariants.ts";
import { sendRaw } from "./raw_client.ts";

/** Sends a request on a connection of its own and reads until that ends: one response (I1). */
export async function askRaw(daemon: TestDaemon, body: JsonObject): Promise<Got> {
  const response = await sendRaw(daemon.origin, {
    method: "POST",
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assertOneResponse(response.raw, JSON.stringify(body).slice(0, 100));
  const headers = new Headers([...response.headers]);
  const isChunked = headers.get("transfer-encoding") === "chunked";
  const text = isChunked ? joinChunks(response.body) : response.body;
  return readGot({ status: response.status, headers }, text);
}

/** The body within its chunks, whose sizes are in bytes (RFC 9112, section 7.1). */
function joinChunks(body: string): string {
  const bytes = new TextEncoder().encode(body);
  const decoder = new TextDecoder();
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const lineEnd = bytes.indexOf(13, at);
    const size = parseInt(decoder.decode(bytes.subarray(at, lineEnd)), 16);
    if (!(size >= 0) || lineEnd + 2 + size > bytes.length) throw new Error("a broken chunk");
    text += decoder.decode(bytes.subarray(lineEnd + 2, lineEnd + 2 + size), { stream: true });
    at = lineEnd + 2 + size + 2;
  }
  return text + decoder.decode();
}
