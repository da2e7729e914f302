/** `pirouter models`: what the config, the price catalog and the environment make of each model. */

import type { Command, OptionValues } from "commander";
import type { Config } from "../config/config.ts";
import type { Model } from "../core/catalog.ts";
import type { JsonObject } from "../core/json.ts";
import type { CliCommand, CliContext, ExitCode } from "./command.ts";
import { askServers } from "./served_catalog.ts";
import { formatTable } from "./table.ts";

/** Lists the models with their prices, limits and states. */
export const MODELS_COMMAND: CliCommand = {
  name: "models",
  summary: "list the models with prices, limits and whether they can be used",
  configure(command: Command): void {
    command.option("--json", "print the models as JSON");
  },
  run: runModels,
};

const UNKNOWN = "?";

/** A model as the table shows it. */
interface ListedModel extends Model {
  /** Whether its server has named it, and not the config. */
  readonly isDiscovered: boolean;
}

interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
  read(model: ListedModel): string;
}

/** THE TABLE of columns. */
const COLUMNS: readonly Column[] = [
  { title: "alias", read: (model) => model.alias },
  { title: "provider", read: (model) => model.provider },
  { title: "model id", read: (model) => model.modelId },
  { title: "tier", read: (model) => model.quality },
  { title: "in $/M", isNumber: true, read: (model) => usd(model.price?.inputUsdPerMTok) },
  { title: "out $/M", isNumber: true, read: (model) => usd(model.price?.outputUsdPerMTok) },
  { title: "price", read: (model) => model.price?.source ?? UNKNOWN },
  { title: "window", isNumber: true, read: (model) => tokens(model.contextWindow) },
  { title: "max out", isNumber: true, read: (model) => tokens(model.maxOutputTokens) },
  { title: "tools", read: (model) => yesOrNo(model.supportsTools) },
  { title: "vision", read: (model) => yesOrNo(model.supportsVision) },
  { title: "local", read: (model) => yesOrNo(model.local) },
  { title: "state", read: describeState },
];

async function runModels(options: OptionValues, context: CliContext): Promise<ExitCode> {
  const { formatIssues, loadConfig } = await import("../config/load.ts");
  const { configOption, env } = context;
  const result = await loadConfig({ configOption, env, now: new Date() });
  if (!result.ok) {
    context.err(formatIssues(result.file, result.issues));
    return 2;
  }
  const { models, notes } = await listModels(result.config);
  if (options["json"] === true) {
    context.err(notes);
    context.out(JSON.stringify({ models: models.map(describeJson) }, null, 2) + "\n");
    return 0;
  }
  context.err(formatIssues(result.file, result.warnings) + notes);
  const rows = models.map((model) => COLUMNS.map((column) => column.read(model)));
  context.out(formatTable(rows, {
    header: COLUMNS.map((column) => column.title),
    alignRight: COLUMNS.flatMap((column, index) => column.isNumber ? [index] : []),
    hasColor: context.hasColor,
  }));
  return 0;
}

/** The models, those that local servers have among them; notes are lines for stderr. */
async function listModels(
  config: Config,
): Promise<{ readonly models: readonly ListedModel[]; readonly notes: string }> {
  const { catalog, notes } = await askServers(config);
  const models = [...catalog.values()].map((model) => ({
    ...model,
    isDiscovered: !config.catalog.has(model.alias),
  }));
  return { models, notes };
}

function describeState(model: ListedModel): string {
  if (!model.enabled) return "disabled";
  if (model.unusable !== null) return `unusable: ${model.unusable}`;
  return model.isDiscovered ? "discovered" : "ready";
}

// Two digits as prices are written, more only where they would be lost.
function usd(rate: number | undefined): string {
  if (rate === undefined) return UNKNOWN;
  const rounded = rate.toFixed(2);
  return Number(rounded) === rate ? rounded : String(rate);
}

function tokens(count: number | null): string {
  return count === null ? UNKNOWN : String(count);
}

function yesOrNo(value: boolean): string {
  return value ? "yes" : "no";
}

function describeJson(model: ListedModel): JsonObject {
  const { price } = model;
  return {
    "alias": model.alias,
    "provider": model.provider,
    "model_id": model.modelId,
    "quality": model.quality,
    "input_per_m": price?.inputUsdPerMTok ?? null,
    "output_per_m": price?.outputUsdPerMTok ?? null,
    "cache_read_per_m": price?.cacheReadUsdPerMTok ?? null,
    "cache_write_per_m": price?.cacheWriteUsdPerMTok ?? null,
    "price_source": price?.source ?? null,
    "context_window": model.contextWindow,
    "max_output_tokens": model.maxOutputTokens,
    "supports_tools": model.supportsTools,
    "supports_vision": model.supportsVision,
    "local": model.local,
    "enabled": model.enabled,
    "discovered": model.isDiscovered,
    "unusable": model.unusable,
  };
}
