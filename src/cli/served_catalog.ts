/** The models of the config, and those that local servers say they have. */

import type { Config } from "../config/config.ts";
import type { Catalog } from "../core/catalog.ts";
import { needsSurvey } from "../engine/served_models.ts";

/** Milliseconds that servers get to say which models they have. */
const DISCOVERY_LIMIT_MS = 1_000;

/** A catalog as the daemon would have it now. */
export interface AskedCatalog {
  readonly catalog: Catalog;
  /** What the user should know of the servers: lines for stderr. */
  readonly notes: string;
}

/** Asks the servers that the config leaves something open for; others are left alone. */
export async function askServers(config: Config): Promise<AskedCatalog> {
  const { catalog, providers } = config;
  if (![...providers.values()].some((provider) => needsSurvey(provider, catalog))) {
    return { catalog, notes: "" };
  }
  const { discoverOnce } = await import("../engine/discovery.ts");
  const served = await discoverOnce(config, DISCOVERY_LIMIT_MS);
  const notes = [...served.silences, ...served.warnings].map((note) => `${note}\n`);
  return { catalog: served.catalog, notes: notes.join("") };
}
