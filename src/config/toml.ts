/** TOML text -> a value, or the one place where it stops being TOML. */

import { parse, TomlError } from "smol-toml";
import { failed, type Issue, type Parsed, parsed } from "../core/issue.ts";

/** Tables and arrays within each other; a rule's conditions need far less. */
const MAX_DEPTH = 100;

/** Parses TOML 1.0; a syntax error or a key that is set twice is an issue with line and column. */
export function parseToml(text: string): Parsed<unknown> {
  try {
    return parsed(parse(text, { maxDepth: MAX_DEPTH }));
  } catch (error) {
    if (error instanceof TomlError) return failed(describeError(text, error));
    throw error;
  }
}

/** What the parser says -> what it mostly means, and the next step. */
const SYNTAX_ERRORS: readonly (readonly [RegExp, string, string])[] = [
  [/^unfinished string/, "a string has no end", "add the closing quote"],
  [
    /^control characters are not allowed in strings/,
    "a string does not end on its line",
    "add the closing quote, or write a tab or a line break as \\t or \\n",
  ],
  [/^unfinished array/, "an array has no end", 'add the closing "]"'],
  [
    /^expected comma or end of structure/,
    "an array or inline table goes on without a comma",
    'add a comma, or the closing "]" or "}"',
  ],
  [/^invalid value/, "this is no value", "write text in quotes, numbers and true or false without"],
  [/^unrecognised escape/, "a backslash begins no known escape", "use single quotes, or \\\\"],
];

function describeError(text: string, error: TomlError): Issue {
  const path = `line ${error.line}, column ${error.column}`;
  const line = text.split(/\r?\n/)[error.line - 1] ?? "";
  const reason = (error.message.split("\n")[0] ?? "").replace("Invalid TOML document: ", "");
  if (reason.startsWith("trying to redefine")) {
    return { path, ...describeDuplicate(line, error.column) };
  }
  const said = SYNTAX_ERRORS.find(([pattern]) => pattern.test(reason));
  const message = `not valid TOML, ${said?.[1] ?? reason}: ${maskLine(line.trim())}`;
  return { path, message, hint: said?.[2] ?? "fix the line and run check-config again" };
}

function describeDuplicate(line: string, column: number): Pick<Issue, "message" | "hint"> {
  const before = line.slice(0, column - 1).trim();
  const rest = line.slice(column - 1);
  const isTable = before === "[" || before === "[[";
  const name = rest.replace(isTable ? /\].*$/ : /=.*$/, "").trim();
  if (!isTable) return { message: `key ${name} is set twice`, hint: "keep one of them" };
  return {
    message: `table ${before}${name}${before === "[" ? "]" : "]]"} is already defined`,
    hint: "keep one of them, with the keys of both",
  };
}

// A line that can't be parsed may hold a key: what could be one is not shown.
function maskLine(line: string): string {
  const shown = /key/i.test(line) && !/^api_key_env\s*=\s*"?[A-Z0-9_]*"?$/.test(line)
    ? line.replace(/=.*$/, "= [redacted]")
    : line;
  const short = shown.length > 120 ? shown.slice(0, 120) + "…" : shown;
  return short.replace(/[\w+/-]{20,}/g, "[redacted]");
}
