/** Everything that a request is served with: one configuration, and what was built from it. */

import type { Config } from "../config/config.ts";
import { createRedact, type Redact } from "../redact.ts";
import { Refusals } from "./refusals.ts";
import { Slots } from "./slots.ts";

/** What one provider's requests share. */
export interface ProviderLink {
  /** Its connections. */
  readonly client: Deno.HttpClient;
  readonly slots: Slots;
  /** Optional fields that its models have refused. */
  readonly refusals: Refusals;
}

/** A configuration at work. A request keeps the one that it began with. */
export interface Snapshot extends Disposable {
  readonly config: Config;
  /** By provider id. */
  readonly links: ReadonlyMap<string, ProviderLink>;
  /** Hides every secret of the configuration. */
  readonly redact: Redact;
}

/** Builds a snapshot; disposing it closes the connections of its providers. */
export function createSnapshot(config: Config): Snapshot {
  const links = new Map<string, ProviderLink>();
  for (const provider of config.providers.values()) {
    links.set(provider.id, {
      client: Deno.createHttpClient({ poolMaxIdlePerHost: 64, poolIdleTimeout: 60_000 }),
      slots: new Slots(provider.maxConcurrency),
      refusals: new Refusals(),
    });
  }
  const secrets = [...config.providers.values()].flatMap((provider) => provider.apiKey ?? []);
  return {
    config,
    links,
    redact: createRedact(secrets),
    [Symbol.dispose]: () => {
      for (const link of links.values()) link.client.close();
    },
  };
}
