/** A whole configuration, checked: every name in it refers to something that exists. */

import type { Catalog } from "../core/catalog.ts";
import type { CascadeSettings } from "../core/cascade.ts";
import type { RoutingSettings } from "../core/policy.ts";
import type { Provider } from "../core/provider.ts";
import type { Rule } from "../core/rules.ts";

/** How much is logged. */
export const LOG_LEVELS = ["trace", "debug", "info", "warning", "error"] as const;

/** How much is logged. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `[server]`. */
export interface ServerSettings {
  readonly hostname: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  /** The most bytes of a request's body. */
  readonly maxBodyBytes: number;
  /** Milliseconds that a client may take to send its body. */
  readonly bodyTimeoutMs: number;
  /** Milliseconds of silence after which a held stream sends a comment. */
  readonly keepAliveMs: number;
  /** Milliseconds that streams may take to end after SIGTERM. */
  readonly drainTimeoutMs: number;
  /** Origins of web pages that may call the API, such as `http://localhost:3000`. */
  readonly allowedOrigins: readonly string[];
  /** Names that `Host` may have besides loopback and the bound address. */
  readonly allowedHosts: readonly string[];
}

/** `[ledger]`. */
export interface LedgerSettings {
  /** The database file; null is the platform's default. */
  readonly path: string | null;
  /** Days that rows are kept; null is for ever. */
  readonly retentionDays: number | null;
}

/** The whole configuration. */
export interface Config {
  readonly server: ServerSettings;
  readonly ledger: LedgerSettings;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly catalog: Catalog;
  readonly routing: RoutingSettings;
  readonly rules: readonly Rule[];
  readonly cascade: CascadeSettings;
}
