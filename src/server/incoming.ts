/** A request of `node:http` as an `HttpRequest`. */

import type { IncomingMessage } from "node:http";
import type { HeaderMap } from "../core/features.ts";
import type { BodyLimits, BodyRead, HttpRequest } from "./http.ts";

/** Wraps a request; `signal` must abort when the client leaves. */
export function createHttpRequest(message: IncomingMessage, signal: AbortSignal): HttpRequest {
  const [path = "/"] = (message.url ?? "/").split("?", 1);
  return {
    id: crypto.randomUUID(),
    method: message.method ?? "GET",
    path,
    headers: readHeaders(message),
    signal,
    readBody: (limits) => readBody(message, limits),
  };
}

function readHeaders(message: IncomingMessage): HeaderMap {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return headers;
}

/** Reads by events: leaving an async iterator early would destroy the socket that the reply needs. */
function readBody(message: IncomingMessage, limits: BodyLimits): Promise<BodyRead> {
  return new Promise((resolve) => {
    const parts: Uint8Array[] = [];
    let byteCount = 0;
    const settle = (result: BodyRead) => {
      clearTimeout(timer);
      message.off("data", onData).off("end", onEnd).off("close", onGone).off("error", onGone);
      message.resume();
      resolve(result);
    };
    const onData = (part: Uint8Array) => {
      byteCount += part.length;
      if (byteCount > limits.maxBytes) return settle({ type: "too_large" });
      parts.push(part);
    };
    const onEnd = () => settle({ type: "bytes", bytes: concat(parts, byteCount) });
    const onGone = () => settle({ type: "gone" });
    const timer = setTimeout(() => settle({ type: "late" }), limits.timeoutMs);
    message.on("data", onData).on("end", onEnd).on("close", onGone).on("error", onGone);
  });
}

function concat(parts: readonly Uint8Array[], byteCount: number): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(byteCount);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
