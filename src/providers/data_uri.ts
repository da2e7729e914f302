/** Data URIs, as far as chat requests carry them. */

/** A data URI's content. */
export interface DataUri {
  /** The MIME type in lower case, without parameters; `text/plain` when the URI names none. */
  readonly mime: string;
  /** Base64 without white space. */
  readonly base64: string;
}

/**
 * Parses `data:<mime>;base64,<data>` (RFC 2397); null for anything else, also for a data URI that
 * is not base64. The data itself is not decoded.
 *
 * @example
 * ```ts
 * import { parseDataUri } from "./data_uri.ts";
 * if (parseDataUri("data:image/png;base64,aGk=")?.mime !== "image/png") throw new Error();
 * ```
 */
export function parseDataUri(uri: string): DataUri | null {
  if (uri.slice(0, 5).toLowerCase() !== "data:") return null;
  const comma = uri.indexOf(",");
  if (comma < 0) return null;
  const [mime = "", ...parameters] = uri.slice(5, comma).split(";").map((part) => part.trim());
  if (parameters.at(-1)?.toLowerCase() !== "base64") return null;
  const base64 = uri.slice(comma + 1).replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  return { mime: mime === "" ? "text/plain" : mime.toLowerCase(), base64 };
}
