/** Configs for tests: a whole small one, and how its problems read. */

import { type ConfigResult, formatIssues, parseConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/config/config.ts";

/** A day on which the prices of these tests count. */
export const NOW = new Date("2026-11-25T08:00:00Z");

/** A provider and a model that need nothing else. */
export const BASE = `[providers.ollama]
[models.local]
provider = "ollama"
model_id = "llama3.2:3b"
local = true
`;

/** Parses a config with these environment variables. */
export function parse(
  text: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<ConfigResult> {
  const env = (name: string) => variables[name];
  return parseConfig(text, { file: "config.toml", env, now: NOW, os: "linux" });
}

/** Every problem of a config, warnings among them, as lines. */
export async function problemsOf(
  text: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const result = await parse(text, variables);
  const lines = formatIssues("config.toml", result.ok ? result.warnings : result.issues);
  return lines.split("\n").filter((line) => line !== "");
}

/** The config of a text that has no errors. */
export async function configOf(
  text: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Config> {
  const result = await parse(text, variables);
  if (result.ok) return result.config;
  throw new Error(formatIssues("config.toml", result.issues));
}
