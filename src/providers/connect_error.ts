/** Why a connection came to nothing, from the words of the runtime: it has no codes for it. */

/** A reason for people, and one for the ledger. */
export interface ConnectError {
  /** Null: unknown. */
  readonly code: string | null;
  readonly message: string;
}

/** The code of a connection that was closed before an answer's head. */
export const CLOSED_CODE = "closed";

const CLOSED = {
  code: CLOSED_CODE,
  message: "the connection was closed before an answer",
} as const;

const UNKNOWN = { code: null, message: "the connection failed" } as const;

/** First match wins. */
const CONNECT_ERRORS: readonly (readonly [RegExp, ConnectError])[] = [
  // HTTP/2: a stream that a server refuses, and a connection that it gives up in order.
  [/refused stream|go.?away|not a result of an error/i, CLOSED],
  [/refused/i, {
    code: "refused",
    message: "the connection was refused: is the provider running?",
  }],
  [/reset|broken pipe|closed|incomplete/i, CLOSED],
  [/dns|lookup|resolve|name or service/i, {
    code: "dns",
    message: "the provider's host name could not be resolved",
  }],
  [/certificate|tls|ssl|handshake|corrupt message/i, {
    code: "tls",
    message: "the TLS connection failed: check https:// in base_url, and the certificate",
  }],
  // https://fetch.spec.whatwg.org/#port-blocking
  [/port \d+ are blocked/i, {
    code: "blocked_port",
    message: "the port is one that is never asked over HTTP: let the provider listen on another",
  }],
  [/unreachable|no route/i, {
    code: "unreachable",
    message: "the provider's host is unreachable",
  }],
  [/permission|NotCapable|Requires net access/i, {
    code: "not_permitted",
    message: "pirouter is not permitted to reach that host",
  }],
];

/** What the text of an error and of its cause mean. */
export function explainConnectError(text: string): ConnectError {
  const told = withoutUrls(text);
  return CONNECT_ERRORS.find(([pattern]) => pattern.test(told))?.[1] ?? UNKNOWN;
}

/** A host's name must not be taken for what happened there. */
function withoutUrls(text: string): string {
  return text.replaceAll(/\(?https?:\/\/\S+/g, "");
}
