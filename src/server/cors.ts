/** Lets the web pages that the config lists in: https://fetch.spec.whatwg.org/#http-cors-protocol. */

import type { ServerSettings } from "../config/config.ts";
import type { HttpReply, HttpRequest } from "./http.ts";

/** Whether the config lists the origin. */
export function isAllowedOrigin(origin: string, settings: ServerSettings): boolean {
  return settings.allowedOrigins.includes(origin);
}

/**
 * The headers that let a listed web page read the response; for other clients only that responses
 * differ by origin.
 */
export function corsHeaders(
  request: HttpRequest,
  settings: ServerSettings,
): Readonly<Record<string, string>> {
  const origin = request.headers.get("origin");
  const vary = { "vary": VARY };
  if (origin === undefined || !isAllowedOrigin(origin, settings)) return vary;
  return {
    ...vary,
    "access-control-allow-origin": origin,
    "access-control-expose-headers": EXPOSED_HEADERS.join(", "),
  };
}

/** What a response depends on besides its URL. */
const VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Private-Network";

/** What a page may read besides the body: https://fetch.spec.whatwg.org/#http-access-control-expose-headers. */
const EXPOSED_HEADERS = [
  "x-pirouter-request-id",
  "x-pirouter-model",
  "x-pirouter-rule",
  "x-pirouter-attempts",
  "x-pirouter-dropped",
  "x-request-id",
  "x-should-retry",
  "retry-after",
] as const;

/** Whether a browser asks if it may send a request: https://fetch.spec.whatwg.org/#cors-preflight-request. */
export function isPreflight({ method, headers }: HttpRequest): boolean {
  return method === "OPTIONS" && headers.has("access-control-request-method");
}

/**
 * Answers a preflight; only listed origins come this far. A page of the internet needs leave to
 * reach a machine of the user's own: https://wicg.github.io/private-network-access/.
 */
export function replyPreflight({ headers }: HttpRequest): HttpReply {
  const asked = headers.get("access-control-request-headers");
  const isPrivate = headers.get("access-control-request-private-network") === "true";
  return {
    status: 204,
    headers: {
      "access-control-allow-methods": "GET, POST",
      ...(asked === undefined ? {} : { "access-control-allow-headers": asked }),
      ...(isPrivate ? { "access-control-allow-private-network": "true" } : {}),
      "access-control-max-age": "600",
    },
    body: "",
  };
}
