/** The daemon's config in front of one dialect: `auto` is one model, and every fault has its own. */

import type { Dialect } from "./table.ts";

/** The only key that the upstreams accept: a client's own key that came through would be refused. */
export const UPSTREAM_KEY = "key-of-the-upstreams-alone";

/** What a config is made of. */
export interface BenchConfig {
  readonly dialect: Dialect;
  readonly upstream: string;
  readonly ledgerPath: string;
  /** Each becomes the alias `<dialect>-<scenario>`, so that faults cool down nobody else. */
  readonly scenarios: readonly string[];
}

/** Names that the strict upstreams treat as the vendors treat their newest models. */
const MAIN_MODELS: Readonly<Record<Dialect, string>> = {
  openai: "gpt-5.4-mini",
  anthropic: "claude-sonnet-5",
  ollama: "qwen3:8b",
};

/** The alias that `auto` is routed to. */
export const MAIN_ALIAS = "main";

/** The alias of the model for embeddings. */
export const EMBEDDINGS_ALIAS = "embeddings";

/** The config as TOML. */
export function writeBenchConfig(config: BenchConfig): string {
  const { dialect, upstream, ledgerPath, scenarios } = config;
  return [
    "[server]",
    'bind = "127.0.0.1:0"',
    "drain_timeout_secs = 1",
    "[ledger]",
    `path = ${JSON.stringify(ledgerPath)}`,
    `[providers.${dialect}]`,
    `base_url = "${upstream}"`,
    `api_key = "${UPSTREAM_KEY}"`,
    ...writeModel(MAIN_ALIAS, { dialect, modelId: MAIN_MODELS[dialect] }),
    ...scenarios.flatMap((scenario) =>
      writeModel(`${dialect}-${scenario}`, { dialect, modelId: scenario })
    ),
    ...writeEmbeddings(dialect),
    ...writeFailover(dialect, scenarios),
    "[[rules]]",
    'name = "auto"',
    'when = { model_alias_eq = "auto" }',
    `then = { primary = "${MAIN_ALIAS}" }`,
    "",
  ].join("\n");
}

interface ModelConfig {
  readonly dialect: Dialect;
  readonly modelId: string;
}

function writeModel(alias: string, { dialect, modelId }: ModelConfig): readonly string[] {
  return [
    `[models.${JSON.stringify(alias)}]`,
    `provider = "${dialect}"`,
    `model_id = ${JSON.stringify(modelId)}`,
    "supports_tools = true",
    "supports_vision = true",
    "context_window = 131072",
    "max_output_tokens = 32000",
    "input_per_m = 1.0",
    "output_per_m = 2.0",
  ];
}

/** A prompt that asks for it is tried with two models. */
function writeFailover(dialect: Dialect, scenarios: readonly string[]): readonly string[] {
  const aliases = ["err500", "err503"].filter((name) => scenarios.includes(name))
    .map((name) => JSON.stringify(`${dialect}-${name}`));
  if (aliases.length < 2) return [];
  return [
    "[[rules]]",
    'name = "failover"',
    'when = { prompt_matches = "Try two models" }',
    `then = { primary = ${aliases[0]}, cascade = [${aliases[1]}] }`,
  ];
}

/** Anthropic has no embeddings. */
function writeEmbeddings(dialect: Dialect): readonly string[] {
  if (dialect === "anthropic") return [];
  return [
    `[models.${EMBEDDINGS_ALIAS}]`,
    `provider = "${dialect}"`,
    'model_id = "embed"',
    'type = "embeddings"',
    "context_window = 8192",
    "input_per_m = 0.02",
    "output_per_m = 0.0",
  ];
}
