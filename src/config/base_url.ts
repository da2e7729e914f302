/** A provider's `base_url`. No message shows it: it may hold a password. */

import { failed, type Parsed, parsed } from "../core/issue.ts";

const ENDPOINT = /\/(?:chat\/completions|completions|responses|messages|chat|generate)$/;

/** Parses a `base_url` into scheme, host, port and path without trailing slash. */
export function parseBaseUrl(text: string, path: string): Parsed<string> {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(text)) {
    return failed({
      path,
      message: "must be a URL that begins with http:// or https://",
      hint: 'for example "https://api.openai.com" or "http://127.0.0.1:8080/v1"',
    });
  }
  if (url.username !== "" || url.password !== "") {
    return failed({
      path,
      message: "must not hold a user name or password",
      hint: "put the key into an environment variable and name it in api_key_env",
    });
  }
  if (/[?#]/.test(text)) {
    const hint = "remove it: the URL ends with the path, and a key belongs in api_key_env";
    return failed({ path, message: 'must not have a "?" or "#" part', hint });
  }
  const trimmed = url.pathname.replace(/\/+$/, "");
  if (ENDPOINT.test(trimmed)) {
    return failed({
      path,
      message: "must stop before the endpoint",
      hint: 'pirouter adds it: "https://host/v1", not "https://host/v1/chat/completions"',
    });
  }
  return parsed(url.origin + trimmed);
}

/** Whether the URL's host is this machine. */
export function isLoopbackUrl(url: string): boolean {
  return isLoopbackHost(URL.parse(url)?.hostname ?? "");
}

/** Whether the host is this machine; an IPv6 address with or without brackets. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, "");
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" ||
    /^127\.\d+\.\d+\.\d+$/.test(name);
}

/** Whether two URLs have the same host. */
export function hasSameHost(url: string, other: string): boolean {
  return URL.parse(url)?.hostname === URL.parse(other)?.hostname;
}
