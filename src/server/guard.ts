/** Refuses what no local client sends: foreign hosts (DNS rebinding) and foreign web pages. */

import type { ServerSettings } from "../config/config.ts";
import { ROUTER_ERRORS, type RouterError } from "../core/errors.ts";
import type { HttpReply, HttpRequest } from "./http.ts";

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Why the request is refused before anything of it is read, or null. */
export function refuseForeign(request: HttpRequest, settings: ServerSettings): RouterError | null {
  const host = request.headers.get("host") ?? "";
  if (!isKnownHost(host, settings)) return ROUTER_ERRORS.forbiddenHost(host);
  const origin = request.headers.get("origin");
  if (origin !== undefined) {
    return isAllowedOrigin(origin, settings) ? null : ROUTER_ERRORS.forbiddenOrigin(origin);
  }
  const isCrossSite = request.headers.get("sec-fetch-site") === "cross-site";
  return isCrossSite ? ROUTER_ERRORS.forbiddenOrigin("another site") : null;
}

function isKnownHost(host: string, settings: ServerSettings): boolean {
  const name = host.replace(/:\d+$/, "").toLowerCase();
  if (LOOPBACK_NAMES.has(name) || name === bracket(settings.hostname)) return true;
  if (settings.allowedHosts.some((allowed) => allowed.toLowerCase() === name)) return true;
  // A name can be rebound to this machine, an address can't: a daemon on all interfaces takes those.
  return isWildcard(settings.hostname) && /^(?:\d+\.\d+\.\d+\.\d+|\[[\da-f:.]+\])$/.test(name);
}

function bracket(hostname: string): string {
  return hostname.includes(":") ? `[${hostname.toLowerCase()}]` : hostname.toLowerCase();
}

function isWildcard(hostname: string): boolean {
  return hostname === "0.0.0.0" || /^[0:]+$/.test(hostname); // every spelling of "::"
}

function isAllowedOrigin(origin: string, settings: ServerSettings): boolean {
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
