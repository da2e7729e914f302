/** Issues as lines for people. */

import type { Issue } from "../core/issue.ts";
import { escapeLine } from "../redact.ts";

const POSITION = /^line (\d+), column (\d+)$/;

/**
 * One issue as one line: the file, the place, what is wrong, and the next step.
 *
 * @example
 * ```ts
 * import { formatIssue } from "./issue_line.ts";
 * const line = formatIssue("config.toml", {
 *   path: "rules[2].when.tokns_in_gt",
 *   message: "is not a known predicate",
 *   hint: 'did you mean "tokens_in_gt"?',
 * });
 * if (!line.startsWith("config.toml: rules[2].when.tokns_in_gt is not")) throw new Error(line);
 * ```
 */
export function formatIssue(file: string, issue: Issue): string {
  const position = POSITION.exec(issue.path);
  const place = position ? `${file}:${position[1]}:${position[2]}:` : `${file}:`;
  const severity = issue.severity === "warning" ? "warning:" : "";
  const subject = position ? "" : issue.path;
  const message = [place, severity, subject, issue.message].filter(Boolean).join(" ");
  return escapeLine(issue.hint ? `${message}; ${issue.hint}` : message);
}

/** All issues, errors first, each on a line that ends with a newline. */
export function formatIssues(file: string, issues: readonly Issue[]): string {
  const errors = issues.filter(isError);
  const warnings = issues.filter((issue) => !isError(issue));
  return [...errors, ...warnings].map((issue) => formatIssue(file, issue) + "\n").join("");
}

/** Whether the issue stops the daemon. */
export function isError(issue: Issue): boolean {
  return issue.severity !== "warning";
}
