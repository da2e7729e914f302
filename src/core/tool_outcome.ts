/** Whether a tool's result says that the tool failed: judged by its structure, not by its words. */

import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import {
  EXIT_CODE,
  FAILED_ENDS,
  FAILED_STARTS,
  FAILED_SUMMARIES,
  FILE_TEXT,
  NODE_VERSION,
  PASSED_ENDS,
  PASSED_SUMMARIES,
  STACK_FRAME,
} from "./tool_outcome_table.ts";

/** `passed` is a success that says so: tests or a build. `plain` is any other result. */
export type ToolOutcome = "failed" | "passed" | "plain";

/** Of a longer result only the ends are read. */
const END_CHARS = 800;

/** A summary stands above the stacks of what failed. */
const TAIL_CHARS = 4_000;

/** JSON beyond this length is not parsed, its ends are read as text. */
const JSON_CHARS = 8_000;

/** So many of the last lines may hold the summary of a run, and so many say that all is well. */
const FAILED_LINES = 24;
const PASSED_LINES = 8;

/** A longer line is nobody's summary. */
const LINE_CHARS = 600;

/**
 * Judges a tool's result. Only its ends are read: a failure says so at its beginning, in the code
 * that a command ended with, or in the summary of the last lines. A file that talks about errors
 * has not failed.
 */
export function judgeToolResult(text: string): ToolOutcome {
  const trimmed = text.trim();
  const json = parseResult(trimmed);
  if (json !== null) return judgeJson(json);
  return judgeText(trimmed);
}

function judgeText(text: string): ToolOutcome {
  const head = text.slice(0, END_CHARS);
  if (FILE_TEXT.test(head)) return "plain";
  const code = EXIT_CODE.exec(head)?.[1] ?? EXIT_CODE.exec(text.slice(-END_CHARS))?.[1];
  if (code !== undefined && Number(code) !== 0) return "failed";
  const all = text.slice(-TAIL_CHARS).split("\n").map((line) => line.trim().slice(0, LINE_CHARS))
    .filter((line) => line !== "");
  const lines = all.filter((line) => !STACK_FRAME.test(line)).slice(-FAILED_LINES);
  // A pipe hides the code of the tests behind that of its last command.
  if (lines.some((line) => matches(FAILED_SUMMARIES, line))) return "failed";
  if (NODE_VERSION.test(lines.at(-1) ?? "") && lines.length < all.length) return "failed";
  const last = lines.at(-1) ?? "";
  const isPassed = lines.slice(-PASSED_LINES).some((line) => matches(PASSED_SUMMARIES, line));
  if (isPassed || matches(PASSED_ENDS, last)) return "passed";
  if (code !== undefined) return "plain";
  return matches(FAILED_STARTS, head) || matches(FAILED_ENDS, last) ? "failed" : "plain";
}

function matches(patterns: readonly RegExp[], text: string): boolean {
  return patterns.some((pattern) => pattern.test(text));
}

/** The object that a result consists of; null when it is text. */
function parseResult(text: string): JsonObject | null {
  if (!text.startsWith("{") || text.length > JSON_CHARS) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Keys under which results say that they failed, and what says so. */
const FAILURE_KEYS: ReadonlyMap<string, (value: JsonValue) => boolean> = new Map([
  ["error", isFilled],
  ["is_error", isTrue],
  ["isError", isTrue],
  ["success", isFalse],
  ["ok", isFalse],
  ...["exit_code", "exitCode", "returncode", "return_code"].map((key) => [key, isNonZero] as const),
  ["status", (value: JsonValue) => typeof value === "string" && /^error(?:ed)?$/i.test(value)],
]);

function judgeJson(result: JsonObject): ToolOutcome {
  // Codex's commands: {"output": "…", "metadata": {"exit_code": 1}}
  const { metadata } = result;
  const all = isJsonObject(metadata) ? { ...metadata, ...result } : result;
  const isFailed = [...FAILURE_KEYS].some(([key, says]) => {
    const value = Object.hasOwn(all, key) ? all[key] : undefined;
    return value !== undefined && says(value);
  });
  if (isFailed || isFailedStatus(all)) return "failed";
  const output = all["output"] ?? all["stdout"] ?? all["content"];
  return typeof output === "string" && output !== "" ? judgeText(output.trim()) : "plain";
}

/** What a tool tells beside its own failure; any other key belongs to what it was asked about. */
const FAILURE_DETAILS: ReadonlySet<string> = new Set(
  "status message detail details reason error errors code output stdout stderr tool success"
    .split(" "),
);

function isFailedStatus(result: JsonObject): boolean {
  const { status } = result;
  return typeof status === "string" && /^fail(?:ed|ure)?$/i.test(status) &&
    Object.keys(result).every((key) => FAILURE_DETAILS.has(key));
}

function isFilled(value: JsonValue): boolean {
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "string") {
    return !/^\s*(?:none|null|nil|no(?: errors?)?|false|0|ok)?\s*$/i.test(value);
  }
  return value !== null && value !== false && value !== 0;
}

function isTrue(value: JsonValue): boolean {
  return value === true;
}

function isFalse(value: JsonValue): boolean {
  return value === false;
}

function isNonZero(value: JsonValue): boolean {
  return typeof value === "number" && value !== 0;
}
