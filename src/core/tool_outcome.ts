/** Whether a tool's result says that the tool failed: judged by its structure, not by its words. */

import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/** `passed` is a success that says so: tests or a build. `plain` is any other result. */
export type ToolOutcome = "failed" | "passed" | "plain";

/** Of a longer result only the ends are read. */
const END_CHARS = 800;

/** JSON beyond this length is not parsed, its ends are read as text. */
const JSON_CHARS = 8_000;

/** Files with line numbers, and listings in tags: whatever they say, reading them went well. */
const FILE_TEXT = /^\s*(?:\d+\s*(?:\t|→|│|\|)|<(?:file|path|content|document)\b)/;

/** What a failing tool says first. Words are not enough: a colon, a code or a shell's name is. */
const FAILED_START = new RegExp(
  [
    String
      .raw`(?:fatal|(?:un)?caught|unhandled|internal)?[ _]?(?:error|exception|failure|panic)(?:\[E\d+\])?(?: (?:executing|running|in|while|from|reading|writing|calling|code|occurred|during|at|invoking|processing|fetching|parsing)\b[\w ]{0,40})?[:!](?!:)`,
    String.raw`(?:(?:fatal|E|ERR!):|npm (?:ERR!|error)) ?\S`,
    String.raw`\w{0,40}(?:Error|Exception)(?: \[\w+\])?: `,
    String.raw`Traceback \(most recent call last\)`,
    String.raw`thread '[^'\n]{1,80}' panicked`,
    String.raw`panic: `,
    String.raw`<(?:tool_use_error|error)>`,
    String.raw`\[(?:ERROR|error)\]`,
    String
      .raw`(?:the )?(?:tool|command|process|operation|request|edit|patch|build|test run)(?: execution)? (?:has )?(?:failed|timed out|was (?:rejected|denied|killed))\b`,
    String.raw`(?:the )?user (?:denied|rejected|doesn['’]t want)`,
    String.raw`failed to \w+`,
    String
      .raw`(?:could not|cannot|can['’]t|unable to) (?:find|open|read|write|access|stat|apply|connect|resolve|parse|locate|execute|create|load)\b`,
    String
      .raw`(?:file|directory|path|module|string to replace|old_string|match|pattern|symbol)(?: to replace)? (?:was )?not found\b`,
    String.raw`(?:permission|access) denied\b`,
    String.raw`no such file or directory`,
    String.raw`invalid (?:arguments?|parameters?|input|tool|json|path)\b`,
    String.raw`(?:InputValidationError|ENOENT|EACCES|EPERM|ECONNREFUSED|ETIMEDOUT)\b`,
    String
      .raw`[\w/]{0,30}sh: (?:.{0,120}: )?(?:command not found|not found|No such file|Permission denied|syntax error)`,
    String
      .raw`[\w./-]{1,60}: (?:command not found|No such file or directory|Permission denied|cannot |not found|fatal|error)`,
    String.raw`usage: \S+ .{0,200}\n[^]{0,600}\berror: `,
  ].map((start) => `(?:${start})`).join("|"),
  "i",
);

const FAILED_START_AT = new RegExp(`^\\W{0,3}(?:${FAILED_START.source})`, "i");

/** What failing test runners, compilers and scripts say last, each on its own line. */
const FAILED_LINE = new RegExp(
  `^\\s*(?:${
    [
      // pytest, jest, vitest, mocha, cargo, deno, unittest, rspec, phpunit, go, dotnet, minitest, TAP
      String.raw`=+ .{0,120}\b[1-9]\d* (?:failed|errors?)\b.{0,120}=+`,
      String.raw`[1-9]\d* (?:tests? )?(?:failed|failing|failures?)(?:[,.;)]| \(|$).{0,120}`,
      String
        .raw`(?:tests?|test suites?|test files?):?\s{1,8}(?:\d+ \w+,? ?\|? ?){0,3}[1-9]\d* failed\b.{0,120}`,
      String.raw`test result: FAILED.{0,160}`,
      String.raw`FAILED(?: \||\s?\().{0,160}`,
      String
        .raw`\d+ (?:examples?|runs?|tests?|specs?|scenarios?), (?:\d+ assertions?, )?(?:\d+ \w+, )?[1-9]\d* (?:failures?|errors?|failed)\b.{0,120}`,
      String.raw`Tests: ?\d+, .{0,80}(?:Failures|Errors): ?[1-9].{0,80}`,
      String.raw`FAIL(?:\s.{0,200})?`,
      String.raw`--- FAIL: .{0,200}`,
      String.raw`Failed! .{0,200}`,
      String.raw`# fail [1-9]\d*`,
      String.raw`FAILED [\w./:\[\]-]{1,200}(?: - .{0,300})?`,
      // compilers, linters, builds
      String.raw`(?:Found )?[1-9]\d* errors?(?: generated| in \d+ files?.{0,80}|\.)?`,
      String.raw`(?:✖|✗|×|❌) ?[1-9]\d* (?:problems?|errors?|failed|failures?).{0,120}`,
      String.raw`(?:\S{1,200}: )?error(?: TS\d+|\[E\d+\])?: .{0,400}`,
      String.raw`\S{1,200}\(\d+,\d+\): error .{0,400}`,
      String.raw`BUILD (?:FAILED|FAILURE).{0,100}`,
      String.raw`make(?:\[\d+\])?: \*\*\* .{0,200}`,
      String.raw`npm (?:ERR!|error) .{0,200}`,
      String.raw`(?:ninja|cargo|gradle|error): .{0,40}(?:stopped|failed|could not compile).{0,200}`,
      // scripts
      String.raw`[A-Za-z_][\w.]{0,80}(?:Error|Exception)(?:: .{0,400})?`,
      String
        .raw`(?:.{0,200}: )?(?:command not found|No such file or directory|Permission denied)(?:: .{0,200})?`,
      String.raw`Segmentation fault.{0,60}|Killed|Aborted.{0,60}|.{0,80}\(core dumped\)`,
      String.raw`(?:command|process|operation|test|request) timed out.{0,160}`,
    ].join("|")
  })\\s*$`,
  "i",
);

/** What test runners and builds say last when all is well. */
const PASSED_LINE = new RegExp(
  `^\\s*(?:${
    [
      String.raw`=+ .{0,120}\b\d+ passed\b.{0,120}=+`,
      String.raw`(?:✓ |✔ )?(?:all )?\d* ?(?:tests?|specs?|checks?) (?:have )?passed\b.{0,120}`,
      String.raw`\d+ (?:passed|passing)\b.{0,120}`,
      String
        .raw`(?:tests?|test suites?|test files?):?\s{1,8}(?:\d+ skipped,? ?\|? ?)?\d+ passed\b.{0,120}`,
      String.raw`test result: ok\..{0,160}`,
      String.raw`ok \| \d+ passed.{0,160}`,
      String.raw`ok\s+\S{1,200}\s+(?:[\d.]+s|\(cached\)).{0,40}`,
      String.raw`PASS(?:ED)?`,
      // An "OK" alone may be anything's: unittest says before it what it ran.
      String.raw`Ran [1-9]\d* tests? in .{0,40}`,
      String.raw`OK \(\d+ tests?.{0,80}\)`,
      String.raw`Passed! .{0,200}`,
      String.raw`\d+ (?:examples?|runs?|tests?|specs?), (?:\d+ assertions?, )?0 failures.{0,80}`,
      String.raw`# fail 0`,
      String.raw`(?:Found )?0 errors?.{0,80}`,
      String.raw`BUILD SUCCESS(?:FUL)?.{0,80}`,
      String.raw`(?:✓ )?(?:built|compiled|build completed?) (?:in|successfully)\b.{0,80}`,
    ].join("|")
  })\\s*$`,
  "i",
);

/** The number with which a command ended, where the result says it. */
const EXIT_CODE =
  /(?:^|\n)[^\S\n]{0,8}[\[(<*]{0,2}(?:(?:the )?(?:command|process|script|shell) )?(?:(?:failed|exited|finished|ended|completed) (?:with )?(?:an? )?(?:(?:exit|return|status)[ _]?)?(?:code|status)|(?:exit|return)[ _]?(?:code|status)|(?<=[\[(])exit)(?: of| was)?[*>\])]{0,2}[:=> ]{1,3}(-?\d{1,5})\b/i;

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
  if (FILE_TEXT.test(text.slice(0, END_CHARS))) return "plain";
  const head = text.slice(0, END_CHARS);
  const tail = text.slice(-END_CHARS);
  const lines = tail.split("\n").map((line) => line.trim()).filter((line) => line !== "").slice(-8);
  const code = EXIT_CODE.exec(head)?.[1] ?? EXIT_CODE.exec(tail)?.[1];
  if (code !== undefined && Number(code) !== 0) return "failed";
  // A pipe hides the code of the tests behind that of its last command.
  if (lines.some(isFailedSummary)) return "failed";
  if (lines.some((line) => PASSED_LINE.test(line))) return "passed";
  if (code !== undefined) return "plain";
  if (FAILED_START_AT.test(head)) return "failed";
  const last = lines.at(-1) ?? "";
  return FAILED_LINE.test(last) ? "failed" : "plain";
}

/** One of several last lines counts only when no ordinary text says it so. */
function isFailedSummary(line: string): boolean {
  return SUMMARY.test(line) && FAILED_LINE.test(line);
}

const SUMMARY =
  /\d+ (?:tests? )?fail|fail(?:ed|ures?)?:? \|? ?\d|^=+ .*=+$|^FAIL|^--- FAIL|test result|^BUILD|could not compile|^make|^npm ERR|error TS\d|^[✖✗×❌]|[1-9]\d* errors?\b|failures?[:,]|Errors: ?[1-9]|core dumped|^Segmentation fault/i;

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
  ["status", (value: JsonValue) => typeof value === "string" && /^(?:error|fail)/i.test(value)],
]);

function judgeJson(result: JsonObject): ToolOutcome {
  // Codex's commands: {"output": "…", "metadata": {"exit_code": 1}}
  const { metadata } = result;
  const all = isJsonObject(metadata) ? { ...metadata, ...result } : result;
  const isFailed = [...FAILURE_KEYS].some(([key, says]) => {
    const value = Object.hasOwn(all, key) ? all[key] : undefined;
    return value !== undefined && says(value);
  });
  if (isFailed) return "failed";
  const output = all["output"] ?? all["stdout"] ?? all["content"];
  return typeof output === "string" && output !== "" ? judgeText(output.trim()) : "plain";
}

function isFilled(value: JsonValue): boolean {
  if (isJsonObject(value)) return Object.keys(value).length > 0;
  return value !== null && value !== false && value !== "" && value !== 0;
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
