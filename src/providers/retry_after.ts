/** How long an upstream asks its callers to wait. */

/**
 * Milliseconds to wait, from `retry-after-ms` or `retry-after` (seconds or an HTTP date, RFC 9110
 * section 10.2.3); null when there is none or it is garbage. A date counts from `nowMs`
 * (milliseconds since 1970), else from the reply's own `date` header.
 *
 * @example
 * ```ts
 * import { readRetryAfterMs } from "./retry_after.ts";
 * if (readRetryAfterMs(new Headers({ "retry-after": "1.5" })) !== 1500) throw new Error();
 * ```
 */
export function readRetryAfterMs(headers: Headers, nowMs?: number): number | null {
  const milliseconds = readNumber(headers.get("retry-after-ms"));
  if (milliseconds !== null) return milliseconds;
  const value = headers.get("retry-after");
  const seconds = readNumber(value);
  if (seconds !== null) return seconds * 1000;
  const until = readHttpDate(value);
  const now = nowMs ?? readHttpDate(headers.get("date"));
  return until === null || now === null ? null : Math.max(0, until - now);
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
