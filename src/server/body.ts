/** Reads the body of a request: JSON, capped, in time. */

import type { ServerSettings } from "../config/config.ts";
import { ROUTER_ERRORS, type RouterError } from "../core/errors.ts";
import type { HeaderMap } from "../core/features.ts";
import type { Parsed } from "../core/issue.ts";
import type { JsonValue } from "../core/json.ts";
import { parseJson } from "../wire/json.ts";
import type { HttpRequest } from "./http.ts";

/** A body as it was parsed, or what is wrong with it. */
export type BodyResult<Value> =
  | { readonly type: "parsed"; readonly value: Value }
  | Refused;

interface Refused {
  readonly type: "error";
  readonly error: RouterError;
}

/** The deepest nesting of a request. */
const MAX_DEPTH = 128;

/** Reads the body of a request and parses it as what its endpoint takes. */
export async function readBody<Value>(
  request: HttpRequest,
  options: {
    readonly settings: ServerSettings;
    readonly parse: (body: JsonValue) => Parsed<Value>;
  },
): Promise<BodyResult<Value>> {
  const json = await readJson(request, options.settings);
  if (json.type === "error") return json;
  const parsed = options.parse(json.value);
  if (parsed.ok) return { type: "parsed", value: parsed.value };
  const [issue = { path: "", message: "is invalid" }] = parsed.issues;
  return fail(ROUTER_ERRORS.invalidRequest(issue));
}

async function readJson(
  request: HttpRequest,
  settings: ServerSettings,
): Promise<BodyResult<JsonValue>> {
  const refusal = refuseHeaders(request.headers, settings);
  if (refusal !== null) return fail(refusal);
  const { maxBodyBytes: maxBytes, bodyTimeoutMs: timeoutMs } = settings;
  const read = await request.readBody({ maxBytes, timeoutMs });
  switch (read.type) {
    case "too_large":
      return fail(ROUTER_ERRORS.bodyTooLarge(maxBytes));
    case "late":
      return fail(ROUTER_ERRORS.bodyTimeout(timeoutMs));
    case "gone":
      return fail(ROUTER_ERRORS.invalidJson("ended early"));
    case "bytes":
      return parseBody(read.bytes);
  }
}

function refuseHeaders(headers: HeaderMap, settings: ServerSettings): RouterError | null {
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

function parseBody(bytes: Uint8Array): BodyResult<JsonValue> {
  const text = decodeUtf8(bytes);
  if (text === null) return fail(ROUTER_ERRORS.invalidJson("is not UTF-8"));
  const json = parseJson(text, { maxDepth: MAX_DEPTH, refuseLoneSurrogates: true });
  if (json.ok) return { type: "parsed", value: json.value };
  return fail(ROUTER_ERRORS.invalidJson(json.reason, json.path));
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function fail(error: RouterError): Refused {
  return { type: "error", error };
}
