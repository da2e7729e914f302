import assert from "node:assert/strict";
import { explainConnectError } from "../../src/providers/connect_error.ts";

/** What Deno 2.9.6 says, and what is told. */
const CASES: readonly (readonly [string, string | null])[] = [
  ["client error (Connect): tcp connect error: Connection refused (os error 111)", "refused"],
  [
    "client error (SendRequest): connection error: Connection reset by peer (os error 104)",
    "closed",
  ],
  ["client error (SendRequest): connection closed before message completed", "closed"],
  [
    "http2 error: stream error received: refused stream before processing any application logic",
    "closed",
  ],
  ["http2 error: connection error received: not a result of an error", "closed"],
  ["client error (Connect): dns error: failed to lookup address information", "dns"],
  ["client error (Connect): invalid peer certificate: UnknownIssuer", "tls"],
  ["client error (Connect): received corrupt message of type InvalidContentType", "tls"],
  ["client error (Connect): tcp connect error: No route to host (os error 113)", "unreachable"],
  ['NotCapable: Requires net access to "10.0.0.1:80"', "not_permitted"],
  ["error sending request for url (http://refused.example/v1)", null],
  ["Fetch failed: Requests to port 9 are blocked", "blocked_port"],
  ["something new", null],
];

for (const [text, code] of CASES) {
  Deno.test(`explainConnectError() takes "${text}" for ${code}`, () => {
    assert.equal(explainConnectError(text).code, code);
  });
}
