/** Refuses what no local client sends: foreign hosts (DNS rebinding) and foreign web pages. */

import type { ServerSettings } from "../config/config.ts";
import { ROUTER_ERRORS, type RouterError } from "../core/errors.ts";
import { isAllowedOrigin } from "./cors.ts";
import type { HttpRequest } from "./http.ts";

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
