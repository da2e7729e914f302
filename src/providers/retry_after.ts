/** How long an upstream asks its callers to wait. */

/**
 * Milliseconds to wait, from `retry-after-ms` or `retry-after` (seconds or an HTTP date, RFC 9110
 * section 10.2.3); null when there is none or it is garbage. A date counts from the reply's own
 * `date` header.
 *
 * @example
 * ```ts
 * import { readRetryAfterMs } from "./retry_after.ts";
 * if (readRetryAfterMs(new Headers({ "retry-after": "1.5" })) !== 1500) throw new Error();
 * ```
 */
export function readRetryAfterMs(headers: Headers): number | null {
  const milliseconds = readNumber(headers.get("retry-after-ms"));
  if (milliseconds !== null) return milliseconds;
  const value = headers.get("retry-after");
  const seconds = readNumber(value);
  if (seconds !== null) return seconds * 1000;
  const until = readHttpDate(value);
  const now = readHttpDate(headers.get("date"));
  return until === null || now === null ? null : Math.max(0, until - now);
}

/** The limits of Anthropic's whose headers tell when they are whole again. */
const ANTHROPIC_LIMITS = ["requests", "tokens", "input-tokens", "output-tokens"] as const;

/**
 * Milliseconds until Anthropic's limits that are used up (`anthropic-ratelimit-<limit>-remaining: 0`)
 * are whole again, by their RFC 3339 times and the reply's own `date`; null when they don't say.
 * https://platform.claude.com/docs/en/api/rate-limits#response-headers
 */
export function readLimitResetMs(headers: Headers): number | null {
  const now = readHttpDate(headers.get("date"));
  if (now === null) return null;
  const waits = ANTHROPIC_LIMITS
    .filter((limit) => headers.get(`anthropic-ratelimit-${limit}-remaining`)?.trim() === "0")
    .map((limit) => readTimestamp(headers.get(`anthropic-ratelimit-${limit}-reset`)))
    .filter((until) => until !== null)
    .map((until) => Math.max(0, until - now));
  return waits.length === 0 ? null : Math.max(...waits);
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

function readTimestamp(text: string | null): number | null {
  const value = text?.trim() ?? "";
  const time = RFC_3339.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? null : time;
}

function readNumber(text: string | null): number | null {
  return text !== null && /^\d{1,12}(\.\d{1,6})?$/.test(text.trim()) ? Number(text) : null;
}

function readHttpDate(text: string | null): number | null {
  const parts = /^\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/.exec(text?.trim() ?? "");
  if (parts === null) return null;
  const [, day, monthName = "", year, hour, minute, second] = parts;
  const month = MONTHS.indexOf(monthName.toLowerCase());
  if (month < 0) return null;
  return Date.UTC(
    Number(year),
    month,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
