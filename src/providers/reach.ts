/**
 * Whether a host can be reached at all. `fetch` doesn't tell a connection that nobody answers from an
 * upstream that thinks: where no head comes for a while, another connection finds out which it is.
 */

/** How long reaching a host may take. */
export interface ReachOptions {
  /** Milliseconds; the first half passes before the host is tried. */
  readonly limitMs: number;
  /** Is called once, when no connection has come about within the limit. */
  readonly onUnreachable: () => void;
}

/** Starts to watch; disposing it, when the head has come or nobody waits any more, stops. */
export function watchReach(url: string, options: ReachOptions): Disposable {
  const halfMs = options.limitMs / 2;
  let attempt: AbortController | null = null;
  const timer = setTimeout(async () => {
    attempt = new AbortController();
    const { signal } = attempt;
    const isReached = hasProxy() || await reaches(url, { limitMs: halfMs, signal });
    if (!isReached && !signal.aborted) options.onUnreachable();
  }, halfMs);
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      attempt?.abort();
    },
  };
}

const PROXY_VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] as const;

/** Behind a proxy a host need not be reached directly. */
function hasProxy(): boolean {
  return PROXY_VARIABLES.some((name) =>
    [name, name.toLowerCase()].some((variable) => (Deno.env.get(variable) ?? "") !== "")
  );
}

/** Whether the host takes a connection within the limit. A refusal is for `fetch` to tell. */
async function reaches(
  url: string,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const late = AbortSignal.timeout(limitMs);
  try {
    const connection = await Deno.connect({
      ...addressOf(url),
      signal: AbortSignal.any([late, signal]),
    });
    connection.close();
    return true;
  } catch {
    return !late.aborted;
  }
}

/** Where a URL's connection leads: an IPv6 address stands without its brackets. */
export function addressOf(url: string): { readonly hostname: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  return {
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (protocol === "https:" ? 443 : 80),
  };
}
