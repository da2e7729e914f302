/** The configs that the clients are tried with: one model a scenario, or one that all is routed to. */

/** A wire dialect of the upstreams. */
export const WIRES = ["openai", "anthropic", "ollama"] as const;

/** A wire dialect of the upstreams. */
export type Wire = (typeof WIRES)[number];

/** The only key that the upstreams accept: a client's own key that came through would be refused. */
export const UPSTREAM_KEY = "key-of-the-upstreams-alone";

/** What a config is made of. */
export interface UpstreamConfig {
  readonly wire: Wire;
  readonly mockPort: number;
  readonly ledgerPath: string;
  /** The models' ids; an id is the scenario that the upstream plays. */
  readonly scenarios: readonly string[];
}

/** A config whose aliases are `<wire>-<scenario>`. */
export function writeConfig(options: UpstreamConfig): string {
  const { wire, mockPort, ledgerPath, scenarios } = options;
  return [
    "[server]",
    'bind = "127.0.0.1:0"',
    "drain_timeout_secs = 1",
    "[ledger]",
    `path = ${JSON.stringify(ledgerPath)}`,
    `[providers.${wire}]`,
    `base_url = "http://127.0.0.1:${mockPort}"`,
    `api_key = "${UPSTREAM_KEY}"`,
    ...scenarios.map((scenario) => writeModel(wire, scenario)),
    "",
  ].join("\n");
}

function writeModel(wire: Wire, scenario: string): string {
  return [
    `[models.${JSON.stringify(`${wire}-${scenario}`)}]`,
    `provider = "${wire}"`,
    `model_id = ${JSON.stringify(scenario)}`,
    "supports_tools = true",
    "supports_vision = true",
    "context_window = 131072",
    "input_per_m = 1.0",
    "output_per_m = 2.0",
  ].join("\n");
}
