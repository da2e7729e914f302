/** The daemon put together: configuration, ledger, listener. */

import type { Config } from "../config/config.ts";
import type { Catalog } from "../core/catalog.ts";
import { Discovery } from "../engine/discovery.ts";
import { createSnapshot, type Snapshot, withCatalog } from "../engine/snapshot.ts";
import { openLedger } from "../ledger/file.ts";
import type { LedgerEntry } from "../ledger/ledger.ts";
import { readObservations } from "../ledger/observations.ts";
import { readRecentRequests } from "../ledger/recent_requests.ts";
import { readTokenTimes } from "../ledger/token_times.ts";
import { createLedgerWriter, type LedgerWriter } from "../ledger/writer.ts";
import { getLog, type Log } from "../log.ts";
import { type RunningServer, startServer } from "./serve.ts";

/** A running daemon. */
export interface Daemon {
  /** `http://127.0.0.1:11435/v1`: what clients are given as their base URL. */
  readonly baseUrl: string;
  /** The models that new requests are routed to, those that were discovered among them. */
  catalog(): Catalog;
  /** Writes what the ledger's queue holds. */
  flushLedger(): Promise<void>;
  /**
   * Lets requests end, for at most the configured time or until `hurry` aborts, writes the ledger,
   * and ends.
   */
  close(hurry?: AbortSignal): Promise<void>;
}

/** A daemon, or why there is none: one sentence with the next step. */
export type DaemonResult =
  | { readonly type: "running"; readonly daemon: Daemon }
  | { readonly type: "error"; readonly message: string };

/** What a daemon is started from. */
export interface DaemonOptions {
  readonly config: Config;
  readonly ledgerPath: string;
}

/** Starts the daemon; the log must be set up before. */
export async function startDaemon(
  { config, ledgerPath }: DaemonOptions,
): Promise<DaemonResult> {
  const log = getLog("daemon");
  const open = () => openLedger({ path: ledgerPath, nowMs: Date.now() });
  const opened = open();
  if (!opened.ok) return { type: "error", message: opened.message };
  if (opened.warning !== null) log.warn(opened.warning);
  const warn = (message: string) => log.warn(message);
  const { retentionDays } = config.ledger;
  const writer = createLedgerWriter({ store: opened.store, reopen: open, warn, retentionDays });
  const snapshot = createSnapshot(config, {
    tokenTimes: readTokenTimes(ledgerPath),
    observations: readObservations(ledgerPath),
    recentRequests: config.routing.strongShare === undefined ? [] : readRecentRequests(ledgerPath),
    onCooldown: ({ scope, name, cooldown }) => log.warn(`${scope} "${name}" ${cooldown.reason}`),
  });
  const following = await followServers(snapshot);
  const started = await startServer(config.server, {
    snapshot: following.current,
    ledger: { record: (entry) => recordEntry(entry, { writer, log }) },
    ledgerHealth: () => {
      const { isDegraded, dropped } = writer.state();
      return { isDegraded, droppedCount: dropped };
    },
    log,
    startedAt: Math.floor(Date.now() / 1_000),
  });
  const release = async () => {
    await following.close();
    await snapshot.readiness.close();
    await writer.close();
    snapshot[Symbol.dispose]();
  };
  if (started.type === "error") {
    await release();
    return started;
  }
  const { server } = started;
  const close = async (hurry: AbortSignal = NEVER) => {
    await server.shutdown({ drainTimeoutMs: config.server.drainTimeoutMs, hurry });
    await release();
  };
  const flushLedger = () => writer.flush();
  const catalog = () => following.current().config.catalog;
  return { type: "running", daemon: { baseUrl: baseUrlOf(server), catalog, flushLedger, close } };
}

/** The snapshot with the models that the servers have now. */
interface FollowedSnapshot {
  current(): Snapshot;
  close(): Promise<void>;
}

async function followServers(snapshot: Snapshot): Promise<FollowedSnapshot> {
  let current = snapshot;
  const { config, links } = snapshot;
  const onCatalog = (catalog: Catalog) => void (current = withCatalog(snapshot, catalog));
  const discovery = new Discovery({ config, links, log: getLog("discovery"), onCatalog });
  await discovery.begin(DISCOVERY_WAIT_MS);
  return { current: () => current, close: () => discovery.close() };
}

/**
 * Milliseconds that the start waits for servers to tell which models they have, so that the first
 * request finds them. A server that is not running is known at once.
 */
const DISCOVERY_WAIT_MS = 1_000;

/** The signal of a close that may take its time. */
const NEVER = new AbortController().signal;

function baseUrlOf({ hostname, port }: RunningServer): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return `http://${host}:${port}/v1`;
}

function recordEntry(
  entry: LedgerEntry,
  to: { readonly writer: LedgerWriter; readonly log: Log },
): void {
  to.writer.record(entry);
  const { request, attempts } = entry;
  to.log.info("request", {
    id: request.id,
    rule: request.routeRule,
    model: request.finalModel ?? "-",
    status: request.status,
    http: request.httpStatus,
    attempts: attempts.map((attempt) => `${attempt.alias}:${attempt.outcome}`).join(","),
    tokens: `${request.inputTokens}+${request.outputTokens}`,
    usd: request.costUsd ?? "unknown",
    ms: Math.round(request.latencyMs),
  });
}
