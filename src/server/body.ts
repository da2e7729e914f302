/** Reads the body of a request: JSON, capped, in time. */

import type { ServerSettings } from "../config/config.ts";
import { ROUTER_ERRORS, type RouterError } from "../core/errors.ts";
import type { JsonValue } from "../core/json.ts";
import { parseJson } from "../wire/json.ts";

/** A body, or what is wrong with it. */
export type BodyResult =
  | { readonly type: "json"; readonly value: JsonValue }
  | { readonly type: "error"; readonly error: RouterError };

/** The deepest nesting of a request. */
const MAX_DEPTH = 128;

/** Reads and parses the body; what is not read of it is cancelled. */
export async function readJsonBody(
  request: Request,
  settings: ServerSettings,
): Promise<BodyResult> {
  const refusal = refuseHeaders(request.headers, settings);
  if (refusal !== null) {
    await request.body?.cancel();
    return { type: "error", error: refusal };
  }
  const bytes = await readBytes(request, settings);
  if (!(bytes instanceof Uint8Array)) return { type: "error", error: bytes };
  const text = decodeUtf8(bytes);
  if (text === null) return { type: "error", error: ROUTER_ERRORS.invalidJson("is not UTF-8") };
  const json = parseJson(text, { maxDepth: MAX_DEPTH, refuseLoneSurrogates: true });
  if (json.ok) return { type: "json", value: json.value };
  return { type: "error", error: ROUTER_ERRORS.invalidJson(json.reason, json.path) };
}

function refuseHeaders(headers: Headers, settings: ServerSettings): RouterError | null {
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") {
    return ROUTER_ERRORS.unsupportedMediaType(`content-encoding ${encoding}`);
  }
  const type = headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    return ROUTER_ERRORS.unsupportedMediaType(type === "" ? "A body without content-type" : type);
  }
  const length = Number(headers.get("content-length") ?? 0);
  return length > settings.maxBodyBytes ? ROUTER_ERRORS.bodyTooLarge(settings.maxBodyBytes) : null;
}

async function readBytes(
  request: Request,
  settings: ServerSettings,
): Promise<Uint8Array | RouterError> {
  const { maxBodyBytes, bodyTimeoutMs } = settings;
  if (request.body === null) return new Uint8Array();
  const source = request.body.getReader();
  const state = { isLate: false };
  const timer = setTimeout(() => {
    state.isLate = true;
    void source.cancel().catch(ignoreGone);
  }, bodyTimeoutMs);
  const parts: Uint8Array[] = [];
  let byteCount = 0;
  try {
    for (;;) {
      const { done, value } = await source.read();
      if (done) break;
      byteCount += value.length;
      if (byteCount > maxBodyBytes) {
        await source.cancel();
        return ROUTER_ERRORS.bodyTooLarge(maxBodyBytes);
      }
      parts.push(value);
    }
  } catch {
    // The client broke the connection off: nobody reads the error.
    return ROUTER_ERRORS.invalidJson("ended early");
  } finally {
    clearTimeout(timer);
  }
  return state.isLate ? ROUTER_ERRORS.bodyTimeout(bodyTimeoutMs) : concat(parts, byteCount);
}

/** The client is gone: there is nothing left to cancel. */
function ignoreGone(): void {}

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

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
