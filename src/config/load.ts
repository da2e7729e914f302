/** The config file: found, read, parsed, checked. */

import type { Issue } from "../core/issue.ts";
import type { Env } from "./api_key.ts";
import { buildConfig } from "./build.ts";
import type { Config } from "./config.ts";
import { type ConfigDocument, readDocument } from "./document.ts";
import { isError } from "./issue_line.ts";
import { needsPriceList } from "./model_entry.ts";
import { defaultConfigPath } from "./paths.ts";
import { EMPTY_PRICE_LIST, loadPriceList, type PriceList } from "./prices.ts";
import { parseToml } from "./toml.ts";

export { formatIssue, formatIssues } from "./issue_line.ts";
export { findStartIssue } from "./build.ts";
export { defaultConfigPath, defaultLedgerPath } from "./paths.ts";

/** A config with its warnings, or every problem that it has. */
export type ConfigResult =
  | {
    readonly ok: true;
    /** The file, as it was named. */
    readonly file: string;
    readonly config: Config;
    readonly warnings: readonly Issue[];
  }
  | { readonly ok: false; readonly file: string; readonly issues: readonly Issue[] };

/** How to parse a config. */
export interface ParseConfigOptions {
  /** The file's name, for messages and for a relative ledger path. */
  readonly file: string;
  readonly env: Env;
  /** The day whose prices count. */
  readonly now: Date;
  /** `Deno.build.os` when absent. */
  readonly os?: string;
}

/** How to find and parse the config. */
export interface LoadConfigOptions extends Omit<ParseConfigOptions, "file"> {
  /** The value of `--config`; null when it is absent. */
  readonly configOption: string | null;
}

/** Loads the config from `--config`, else `$PIROUTER_CONFIG`, else the platform's default path. */
export async function loadConfig(options: LoadConfigOptions): Promise<ConfigResult> {
  const place = findConfig(options);
  if (place === null) {
    const message = "no folder for it is known";
    return fail("config.toml", { path: "", message, hint: "name a file with --config PATH" });
  }
  const text = await readText(place);
  if (typeof text !== "string") return fail(place.file, text);
  return await parseConfig(text, { ...options, file: place.file });
}

/** Parses the text of a config; the price catalog is loaded only when a model leaves something out. */
export async function parseConfig(
  text: string,
  options: ParseConfigOptions,
): Promise<ConfigResult> {
  const { file, env, now } = options;
  const toml = parseToml(text);
  if (!toml.ok) return { ok: false, file, issues: toml.issues };
  const document = readDocument(toml.value);
  const priceList = await priceListFor(document, now);
  const os = options.os ?? Deno.build.os;
  const { config, issues } = buildConfig(document, { file, env, os, priceList });
  if (config === null) return { ok: false, file, issues };
  return { ok: true, file, config, warnings: issues.filter((issue) => !isError(issue)) };
}

interface ConfigPlace {
  readonly file: string;
  /** The next step when the file is not there. */
  readonly hint: string;
}

function findConfig(options: LoadConfigOptions): ConfigPlace | null {
  const { configOption, env } = options;
  if (configOption !== null) {
    return { file: configOption, hint: "check --config, or copy config.example.toml there" };
  }
  const variable = env("PIROUTER_CONFIG");
  if (variable) {
    return { file: variable, hint: "check $PIROUTER_CONFIG, or copy config.example.toml there" };
  }
  const file = defaultConfigPath(env, options.os ?? Deno.build.os);
  if (file === null) return null;
  return { file, hint: "copy config.example.toml there, or name a file with --config PATH" };
}

async function readText(place: ConfigPlace): Promise<string | Issue> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(place.file));
  } catch (error) {
    return describeReadError(error, place);
  }
}

function describeReadError(error: unknown, place: ConfigPlace): Issue {
  if (error instanceof Deno.errors.NotFound) {
    return { path: "", message: "there is no such file", hint: place.hint };
  }
  if (error instanceof TypeError) {
    return { path: "", message: "is not UTF-8 text", hint: "save it as UTF-8" };
  }
  const name = error instanceof Error ? error.name : String(error);
  return { path: "", message: `can't be read (${name})`, hint: place.hint };
}

async function priceListFor(document: ConfigDocument, now: Date): Promise<PriceList> {
  const isNeeded = [...document.models.entries.values()].some(({ table }) => needsPriceList(table));
  return isNeeded ? await loadPriceList(now) : EMPTY_PRICE_LIST;
}

function fail(file: string, issue: Issue): ConfigResult {
  return { ok: false, file, issues: [issue] };
}
