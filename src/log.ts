/** The log: one line a record, for people and for `grep`, without secrets or control characters. */

import { configureSync, getLogger, type LogRecord, resetSync } from "@logtape/logtape";
import { escapeLine, type Redact } from "./redact.ts";

const ROOT = "pirouter";

/** What a record says besides its message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes records of one part of the program. Messages are constant; what varies is a field. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** What the log needs from the outside. */
export interface LogOptions {
  /** The least important level that is written. */
  readonly level: "trace" | "debug" | "info" | "warning" | "error";
  readonly redact: Redact;
  /** Takes one line, its line break included. */
  readonly write: (line: string) => void;
}

/** Sets the log up, replacing an earlier set-up. Until then records go nowhere. */
export function configureLog({ level, redact, write }: LogOptions): void {
  configureSync({
    reset: true,
    sinks: { lines: (record) => write(formatRecord(record, redact)) },
    loggers: [
      { category: [ROOT], lowestLevel: level, sinks: ["lines"] },
      // The library's own logger would tell on the console that it has been set up.
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["lines"] },
    ],
  });
}

/** Ends the set-up: records go nowhere again. */
export function disposeLog(): void {
  resetSync();
}

/** The log of one part of the program, such as `ledger`; cheap, and valid before the set-up. */
export function getLog(name: string): Log {
  const logger = getLogger([ROOT, name]);
  return {
    debug: (message, fields) => logger.debug(message, { ...fields }),
    info: (message, fields) => logger.info(message, { ...fields }),
    warn: (message, fields) => logger.warning(message, { ...fields }),
    error: (message, fields) => logger.error(message, { ...fields }),
  };
}

function formatRecord(record: LogRecord, redact: Redact): string {
  const time = Temporal.Instant.fromEpochMilliseconds(record.timestamp)
    .toString({ fractionalSecondDigits: 3 });
  const part = record.category.slice(1).join(".");
  const message = redact(String(record.rawMessage));
  const fields = Object.entries(record.properties)
    .map(([key, value]) => `${key}=${formatValue(value, redact)}`);
  return escapeLine([time, record.level, `${part}:`, message, ...fields].join(" ")) + "\n";
}

/** Redacts before it quotes: a quoted secret could look different from the one that is searched for. */
function formatValue(value: unknown, redact: Redact): string {
  const text = redact(textOf(value, redact));
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

function textOf(value: unknown, redact: Redact): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.message;
  if (typeof value !== "object") return String(value);
  return JSON.stringify(value, (_, inner) => typeof inner === "string" ? redact(inner) : inner);
}
