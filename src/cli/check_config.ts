/** `pirouter check-config`: every problem of the config at once. */

import type { Command, OptionValues } from "commander";
import type { Config } from "../config/config.ts";
import type { ConfigResult } from "../config/load.ts";
import type { Issue } from "../core/issue.ts";
import type { JsonObject } from "../core/json.ts";
import type { CliCommand, CliContext, ExitCode } from "./command.ts";

/** Checks the config; exit code 2 when the daemon would refuse it. */
export const CHECK_CONFIG_COMMAND: CliCommand = {
  name: "check-config",
  summary: "check the config file and print every problem in it",
  configure(command: Command): void {
    command
      .option("--strict", "count warnings, such as a missing API key, as errors")
      .option("--json", "print the result as JSON");
  },
  run: runCheckConfig,
};

async function runCheckConfig(options: OptionValues, context: CliContext): Promise<ExitCode> {
  const { findStartIssue, formatIssues, loadConfig } = await import("../config/load.ts");
  const { configOption, env } = context;
  const result = await loadConfig({ configOption, env, now: new Date() });
  const startIssue = result.ok ? findStartIssue(result.config) : null;
  const issues = [...listIssues(result), ...(startIssue ? [asWarning(startIssue)] : [])]
    .map((issue) => options["strict"] === true ? asError(issue) : issue);
  const hasErrors = issues.some((issue) => issue.severity !== "warning");
  const report: CheckReport = {
    file: result.file,
    isOk: !hasErrors,
    config: configOf(result),
    issues,
  };
  if (options["json"] === true) {
    context.out(JSON.stringify(describeJson(report), null, 2) + "\n");
  } else {
    context.err(formatIssues(result.file, issues));
    if (hasErrors) context.err(describeFailure(report));
    else context.out(describeSuccess(report));
  }
  return hasErrors ? 2 : 0;
}

interface CheckReport {
  readonly file: string;
  readonly isOk: boolean;
  readonly config: Config | null;
  readonly issues: readonly Issue[];
}

function listIssues(result: ConfigResult): readonly Issue[] {
  return result.ok ? result.warnings : result.issues;
}

function configOf(result: ConfigResult): Config | null {
  return result.ok ? result.config : null;
}

function asWarning(issue: Issue): Issue {
  return { ...issue, severity: "warning" };
}

function asError(issue: Issue): Issue {
  return { ...issue, severity: "error" };
}

function describeSuccess(report: CheckReport): string {
  const { config, issues } = report;
  const parts = [
    countOf(config?.providers.size ?? 0, "provider"),
    countOf(config?.catalog.size ?? 0, "model"),
    countOf(config?.rules.length ?? 0, "rule"),
    ...(issues.length > 0 ? [countOf(issues.length, "warning")] : []),
  ];
  return `OK: ${parts.join(", ")} (${report.file})\n`;
}

function describeFailure(report: CheckReport): string {
  const errors = report.issues.filter((issue) => issue.severity !== "warning").length;
  const warnings = report.issues.length - errors;
  const parts = [
    countOf(errors, "error"),
    ...(warnings > 0 ? [countOf(warnings, "warning")] : []),
  ];
  return `Failed: ${parts.join(", ")} (${report.file})\n`;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function describeJson(report: CheckReport): JsonObject {
  const { config } = report;
  return {
    ok: report.isOk,
    file: report.file,
    providers: config?.providers.size ?? null,
    models: config?.catalog.size ?? null,
    rules: config?.rules.length ?? null,
    problems: report.issues.map((issue) => ({
      severity: issue.severity ?? "error",
      path: issue.path,
      message: issue.message,
      hint: issue.hint ?? null,
    })),
  };
}
