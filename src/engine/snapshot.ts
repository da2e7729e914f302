/** Everything that a request is served with: one configuration, and what was built from it. */

import type { Config } from "../config/config.ts";
import type { Catalog, Model } from "../core/catalog.ts";
import type { RouteTable } from "../core/plan.ts";
import { SCORE_QUANTILES } from "../core/difficulty_weights.ts";
import { ADAPTERS } from "../providers/mod.ts";
import { createRedact, type Redact } from "../redact.ts";
import { Adequacy, type KnownObservation } from "./adequacy.ts";
import { type CoolingEntry, Health } from "./health.ts";
import { LoadedModels } from "./loaded_models.ts";
import { type KnownTokenTime, Pace } from "./pace.ts";
import { Readiness } from "./readiness.ts";
import { Refusals } from "./refusals.ts";
import { RecentRequests, type RoutedRequest } from "./recent_requests.ts";
import { RememberedReply } from "./remembered_reply.ts";
import { Sessions } from "./sessions.ts";
import { Slots } from "./slots.ts";
import { POOL_IDLE_MS, Traffic } from "./traffic.ts";
import { Vault } from "./vault.ts";
import { Windows } from "./windows.ts";

/** What one provider's requests share. */
export interface ProviderLink {
  /** Its connections. */
  readonly client: Deno.HttpClient;
  readonly traffic: Traffic;
  readonly slots: Slots;
  /** Optional fields that its models have refused. */
  readonly refusals: Refusals;
  /** The context windows that its models are loaded with. */
  readonly windows: Windows;
  /** What its server says that it is. */
  readonly identity: RememberedReply;
  /** The models that its server has in memory; null where servers of its dialect don't tell. */
  readonly loaded: LoadedModels | null;
}

/** A configuration at work. A request keeps the one that it began with. */
export interface Snapshot extends Disposable {
  readonly config: Config;
  /** By provider id. */
  readonly links: ReadonlyMap<string, ProviderLink>;
  /** What requests are routed by: the configuration, and who cools down. */
  readonly routes: RouteTable;
  /** Who has failed lately. */
  readonly health: Health;
  /** How quick the models have been. */
  readonly pace: Pace;
  /** How soon the models can begin to answer. */
  readonly readiness: Readiness;
  /** How adequate the models' answers have been. */
  readonly adequacy: Adequacy;
  /** Which model has which conversation. */
  readonly sessions: Sessions;
  /** What the policy has routed lately. */
  readonly recent: RecentRequests;
  /** What models gave beside their answers. */
  readonly vault: Vault;
  /** Hides every secret of the configuration. */
  readonly redact: Redact;
}

/** What a snapshot takes over from before, and whom it tells what. */
export interface SnapshotOptions {
  /** How quick the models were, oldest first. */
  readonly tokenTimes?: readonly KnownTokenTime[];
  /** How the models' answers were judged, oldest first. */
  readonly observations?: readonly KnownObservation[];
  /** What the policy has routed before, oldest first. */
  readonly recentRequests?: readonly RoutedRequest[];
  /** Is told of each cool-down that begins. */
  readonly onCooldown?: (entry: CoolingEntry) => void;
}

/** Builds a snapshot; disposing it closes the connections of its providers. */
export function createSnapshot(config: Config, options: SnapshotOptions = {}): Snapshot {
  const { tokenTimes, observations, onCooldown } = options;
  const health = new Health({
    now: () => performance.now(),
    random: Math.random,
    ...(onCooldown === undefined ? {} : { onCooldown }),
  });
  const links = new Map<string, ProviderLink>();
  for (const provider of config.providers.values()) {
    const client = Deno.createHttpClient({ poolMaxIdlePerHost: 64, poolIdleTimeout: POOL_IDLE_MS });
    const { modelList, loadedModels: query } = ADAPTERS[provider.kind];
    links.set(provider.id, {
      client,
      traffic: new Traffic(),
      slots: new Slots(provider.maxConcurrency),
      refusals: new Refusals(),
      windows: new Windows({ keyOf: modelList?.keyOf }),
      identity: new RememberedReply(),
      loaded: query === undefined ? null : new LoadedModels({ provider, query, client }),
    });
  }
  const secrets = [...config.providers.values()].flatMap((provider) => provider.apiKey ?? []);
  const { catalog, rules, routing, cascade, providers } = config;
  const pace = new Pace(tokenTimes);
  const readiness = new Readiness({ providers, links, pace });
  // Where faults lead to no other model, they don't do so for the next request either.
  const cooldownOf = (model: Model) => cascade.onHttpError ? health.cooldownOf(model) : null;
  return {
    config,
    links,
    routes: { catalog, rules, routing, cooldownOf },
    health,
    pace,
    readiness,
    adequacy: new Adequacy(observations),
    sessions: new Sessions({ now: () => performance.now(), salt: crypto.randomUUID() }),
    recent: new RecentRequests(options.recentRequests ?? [], SCORE_QUANTILES),
    vault: new Vault(),
    redact: createRedact(secrets),
    [Symbol.dispose]: () => {
      void readiness.close();
      for (const link of links.values()) link.client.close();
    },
  };
}

/** A snapshot with other models; connections, and what was learnt of models, are the same ones. */
export function withCatalog(snapshot: Snapshot, catalog: Catalog): Snapshot {
  return Object.freeze({
    ...snapshot,
    config: { ...snapshot.config, catalog },
    routes: { ...snapshot.routes, catalog },
  });
}
