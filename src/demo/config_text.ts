/** The demo's configuration: an ordinary one, whose providers are the simulated ones. */

import type { PersonaName } from "./persona.ts";
import type { SimulatedEndpoint } from "./simulated_providers.ts";

/** What the demo's configuration depends on. */
export interface DemoPlaces {
  readonly endpoints: Readonly<Record<PersonaName, SimulatedEndpoint>>;
  /** The daemon's port; 0 lets the system choose. */
  readonly port: number;
  readonly ledgerPath: string;
}

/** Writes the configuration as TOML. Prices are made up, as the models are. */
export function writeDemoConfig({ endpoints, port, ledgerPath }: DemoPlaces): string {
  const { cloud, claude, local, slow, failing, weak } = endpoints;
  return `# pirouter demo: every provider here is simulated, and so are the prices.
[server]
bind = "127.0.0.1:${port}"
log_level = "warning"

[ledger]
path = ${JSON.stringify(ledgerPath)}

[routing]
profile = "balanced"

[cascade]
on_short_response = true
min_output_tokens = 8
on_marker = "<escalate/>"

[[rules]]
name = "by-header" # a client may name the model itself
when = { header = { name = "x-pirouter-route", any_value = true } }
then = { primary = "$header:x-pirouter-route" }

[[rules]]
name = "drafts" # a rule of the user's: drafts go to the cheapest model first
when = { prompt_matches = "(?i)^draft" }
then = { primary = "weak", cascade = ["cloud"] }

${provider("cloud", cloud)}${provider("claude", claude)}${provider("local", local)}${
    provider("slow", slow)
  }${provider("failing", failing)}${provider("weak", weak)}
[models.local]
provider = "local"
model_id = "${local.modelId}"
quality = "basic"
context_window = 32768
local = true

[models.bargain] # always overloaded, as bargains are: requests fall back to cloud
provider = "failing"
model_id = "${failing.modelId}"
quality = "standard"
input_per_m = 0.10
output_per_m = 0.40
context_window = 128000
supports_tools = false

[models.cloud]
provider = "cloud"
model_id = "${cloud.modelId}"
quality = "standard"
input_per_m = 0.50
output_per_m = 2.00
cache_read_per_m = 0.05
context_window = 200000
supports_tools = true
supports_vision = true

[models.claude]
provider = "claude"
model_id = "${claude.modelId}"
quality = "strong"
input_per_m = 5.00
output_per_m = 25.00
cache_read_per_m = 0.50
context_window = 200000
supports_tools = true
supports_vision = true

[models.slow]
provider = "slow"
model_id = "${slow.modelId}"
quality = "premium"
input_per_m = 15.00
output_per_m = 75.00
context_window = 200000

[models.weak]
provider = "weak"
model_id = "${weak.modelId}"
quality = "basic"
input_per_m = 0.01
output_per_m = 0.02
context_window = 8192
`;
}

function provider(id: string, endpoint: SimulatedEndpoint): string {
  const key = endpoint.dialect === "ollama" ? "" : `api_key = "demo-key"\n`;
  return `[providers.${id}]
kind = "${endpoint.dialect}"
base_url = "${endpoint.baseUrl}"
${key}
`;
}
