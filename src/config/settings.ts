/** `[server]`, `[ledger]`, `[routing]` and `[cascade]` as the program uses them. */

import type { CascadeSettings } from "../core/cascade.ts";
import { failed, type Issue, type Parsed, parsed } from "../core/issue.ts";
import type { RoutingSettings } from "../core/policy.ts";
import type { LedgerSettings, ServerSettings } from "./config.ts";
import { isLoopbackHost } from "./base_url.ts";
import { isError } from "./issue_line.ts";
import { type PathContext, resolveLedgerPath } from "./paths.ts";
import type { CascadeTable, LedgerTable, RoutingTable, ServerTable } from "./schema.ts";
import type { Section } from "./section.ts";

const BYTES_PER_MB = 1_048_576;
const BIND = /^(\[[^\]]*\]|[^:[\]]*):(\d{1,5})$/;
const HOST_NAME = /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/i;

/** `[server]` as far as it could be built. */
export interface ServerEntry {
  /** Null when the section has errors. */
  readonly settings: ServerSettings | null;
  readonly issues: readonly Issue[];
}

/** Builds `[server]`; checks the address, the origins and the host names. */
export function buildServer(section: Section<ServerTable>): ServerEntry {
  const { table } = section;
  const address = parseBind(table.bind);
  const issues: readonly Issue[] = [
    ...section.issues,
    ...(address.ok ? checkReach(address.value.hostname) : address.issues),
    ...table["allowed_origins"].flatMap(checkOrigin),
    ...table["allowed_hosts"].flatMap(checkHost),
  ];
  if (!address.ok || issues.some(isError)) return { settings: null, issues };
  const settings = {
    ...address.value,
    logLevel: table["log_level"],
    maxBodyBytes: Math.ceil(table["max_body_mb"] * BYTES_PER_MB),
    bodyTimeoutMs: table["body_timeout_secs"] * 1000,
    keepAliveMs: table["keep_alive_secs"] * 1000,
    drainTimeoutMs: table["drain_timeout_secs"] * 1000,
    allowedOrigins: table["allowed_origins"].filter((origin) => origin !== null),
    allowedHosts: table["allowed_hosts"].flatMap((host) => host?.toLowerCase() ?? []),
  };
  return { settings, issues };
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
      hint: 'for example "127.0.0.1:11435" or "[::1]:11435"',
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
  const strongShare = table["strong_share"];
  return {
    profile: table.profile,
    autoCascade: table["auto_cascade"],
    maxPolicyFallbacks: table["max_policy_fallbacks"],
    unknownModel: table["unknown_model"],
    ...(strongShare === undefined ? {} : { strongShare }),
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
    maxWaitMs: table["max_wait_secs"] * 1000,
  };
}

// There is no key that clients must have.
function checkReach(hostname: string): readonly Issue[] {
  if (isLoopbackHost(hostname)) return [];
  return [{
    path: "server.bind",
    message: "is no loopback address: whoever reaches this port can spend your providers' money",
    hint: "bind 127.0.0.1, or put a firewall or a proxy that asks for a password in front",
    severity: "warning",
  }];
}

function checkOrigin(origin: string | null, index: number): readonly Issue[] {
  if (origin === null || ORIGIN.test(origin)) return [];
  const path = `server.allowed_origins[${index}]`;
  if (origin.includes("*")) {
    return [{
      path,
      message: 'must not hold "*"',
      hint: "any web page could spend your keys; list the origins that may",
    }];
  }
  return [{ path, message: "must be an origin", hint: 'for example "http://localhost:3000"' }];
}

function checkHost(host: string | null, index: number): readonly Issue[] {
  if (host === null || HOST_NAME.test(host)) return [];
  return [{
    path: `server.allowed_hosts[${index}]`,
    message: "must be a host name without scheme, port or path",
    hint: 'for example "router.lan"',
  }];
}
