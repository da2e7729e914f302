/** How long a model stays loaded after a request: https://docs.ollama.com/faq (`keep_alive`) */

import type { JsonValue } from "../core/json.ts";
import type { UpstreamCall } from "./adapter.ts";

/** What the server does where nobody says anything else. */
const DEFAULT_MS = 300_000;

/** `keep_alive`: the request's own, else the provider's. */
export function encodeKeepAlive(
  { request, provider }: UpstreamCall,
): { readonly "keep_alive"?: string | number } {
  const value = isKeepAlive(request["keep_alive"]) ? request["keep_alive"] : provider.keepAlive;
  return value === null ? {} : { "keep_alive": value };
}

/**
 * The milliseconds that a `keep_alive` stands for: seconds as a number, or a duration in Go's words
 * (https://pkg.go.dev/time#ParseDuration); a negative one means for ever. The server's default where
 * it says nothing.
 *
 * @example
 * ```ts
 * import { readKeepAliveMs } from "./ollama_keep_alive.ts";
 * if (readKeepAliveMs("1h30m") !== 5_400_000) throw new Error();
 * if (readKeepAliveMs(-1) !== Infinity) throw new Error();
 * ```
 */
export function readKeepAliveMs(value: string | number | undefined): number {
  const ms = typeof value === "number" ? value * 1_000 : readDurationMs(value ?? "");
  if (ms === null) return DEFAULT_MS;
  return ms < 0 ? Infinity : ms;
}

function isKeepAlive(value: JsonValue | undefined): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

const DURATION = /^([+-]?)(0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|[µμ]s|ms|s|m|h))+)$/;
const DURATION_PART = /(\d+\.?\d*|\.\d+)(ns|us|[µμ]s|ms|s|m|h)/g;

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3], // the micro sign
  ["μs", 1e-3], // the Greek letter
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** Null: no duration. */
function readDurationMs(text: string): number | null {
  const [, sign, parts] = DURATION.exec(text) ?? [];
  if (parts === undefined) return null;
  const ms = [...parts.matchAll(DURATION_PART)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNIT_MS.get(unit ?? "") ?? 0),
    0,
  );
  return sign === "-" ? 0 - ms : ms;
}
