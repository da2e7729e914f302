/** The option `--hours`. */

/** The number of hours; null when the text is none above 0. */
export function parseHours(text: unknown): number | null {
  const hours = typeof text === "string" && text.trim() !== "" ? Number(text) : NaN;
  return Number.isFinite(hours) && hours > 0 ? hours : null;
}
