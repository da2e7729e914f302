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

function describeError(text: string, error: TomlError): Issue {
  const path = `line ${error.line}, column ${error.column}`;
  const line = text.split(/\r?\n/)[error.line - 1] ?? "";
  const reason = (error.message.split("\n")[0] ?? "").replace("Invalid TOML document: ", "");
  if (reason.startsWith("trying to redefine")) {
    return { path, ...describeDuplicate(line, error.column) };
  }
  return { path, message: `not valid TOML, ${reason}: ${maskLine(line.trim())}` };
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
