/** `[server]`, `[ledger]`, `[routing]` and `[cascade]` as the program uses them. */

import type { CascadeSettings } from "../core/cascade.ts";
import { failed, type Issue, type Parsed, parsed } from "../core/issue.ts";
import type { RoutingSettings } from "../core/policy.ts";
import type { LedgerSettings, ServerSettings } from "./config.ts";
import { type PathContext, resolveLedgerPath } from "./paths.ts";
import type { CascadeTable, LedgerTable, RoutingTable, ServerTable } from "./schema.ts";

const BYTES_PER_MB = 1_048_576;
const BIND = /^(\[[^\]]*\]|[^:[\]]*):(\d{1,5})$/;
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/i;

/** Builds `[server]`; checks the address, the origins and the host names. */
export function buildServer(table: ServerTable): Parsed<ServerSettings> {
  const address = parseBind(table.bind);
  const issues: readonly Issue[] = [
    ...(address.ok ? [] : address.issues),
    ...table["allowed_origins"].flatMap(checkOrigin),
    ...table["allowed_hosts"].flatMap(checkHost),
  ];
  if (!address.ok || issues.length > 0) return failed(...issues);
  return parsed({
    ...address.value,
    logLevel: table["log_level"],
    maxBodyBytes: Math.ceil(table["max_body_mb"] * BYTES_PER_MB),
    bodyTimeoutMs: table["body_timeout_secs"] * 1000,
    keepAliveMs: table["keep_alive_secs"] * 1000,
    drainTimeoutMs: table["drain_timeout_secs"] * 1000,
    allowedOrigins: table["allowed_origins"],
    allowedHosts: table["allowed_hosts"].map((host) => host.toLowerCase()),
  });
}

/** Parses `host:port`; an IPv6 address stands in brackets and comes out without them. */
export function parseBind(bind: string): Parsed<Pick<ServerSettings, "hostname" | "port">> {
  const match = BIND.exec(bind);
  const host = match?.[1] ?? "";
  const port = Number(match?.[2]);
  const hostname = host.replace(/^\[|\]$/g, "");
  const isAddress = host.startsWith("[")
    ? URL.canParse(`http://${host}/`)
    : HOST_NAME.test(host) && URL.canParse(`http://${host}/`);
  if (match === null || !isAddress || port > 65_535) {
    return failed({
      path: "server.bind",
      message: "must be an address and a port from 0 to 65535",
      hint: 'such as "127.0.0.1:11435" or "[::1]:11435"',
    });
  }
  return parsed({ hostname, port });
}

/** Builds `[ledger]`; a relative path is taken from the folder of the config file. */
export function buildLedger(table: LedgerTable, context: PathContext): LedgerSettings {
  const path = table.path === undefined ? null : resolveLedgerPath(table.path, context);
  return { path, retentionDays: table["retention_days"] ?? null };
}

/** Builds `[routing]`. */
export function buildRouting(table: RoutingTable): RoutingSettings {
  return {
    profile: table.profile,
    autoCascade: table["auto_cascade"],
    maxPolicyFallbacks: table["max_policy_fallbacks"],
    unknownModel: table["unknown_model"],
  };
}

/** Builds `[cascade]`. */
export function buildCascade(table: CascadeTable): CascadeSettings {
  return {
    onHttpError: table["on_http_error"],
    onShortResponse: table["on_short_response"],
    minOutputTokens: table["min_output_tokens"],
    onMarker: table["on_marker"] === "" ? null : table["on_marker"],
    streamHold: table["stream_hold"],
    reasoning: table.reasoning,
  };
}

function checkOrigin(origin: string, index: number): readonly Issue[] {
  if (ORIGIN.test(origin)) return [];
  const path = `server.allowed_origins[${index}]`;
  if (origin.includes("*")) {
    return [{
      path,
      message: 'must not hold "*"',
      hint: "any web page could spend your keys; list the origins that may",
    }];
  }
  return [{ path, message: "must be an origin", hint: 'such as "http://localhost:3000"' }];
}

function checkHost(host: string, index: number): readonly Issue[] {
  if (HOST_NAME.test(host)) return [];
  return [{
    path: `server.allowed_hosts[${index}]`,
    message: "must be a host name without scheme, port or path",
    hint: 'such as "router.lan"',
  }];
}
