import assert from "node:assert/strict";
import { readKeepAliveMs } from "../../src/providers/ollama_keep_alive.ts";
import { encode, PROVIDER } from "../support/ollama_case.ts";

type KeepAlive = string | number;

const VALUES: readonly (readonly [KeepAlive | undefined, number])[] = [
  [undefined, 300_000],
  ["30m", 1_800_000],
  ["1h30m", 5_400_000],
  ["1.5s", 1_500],
  ["250ms", 250],
  ["0", 0],
  ["-0", 0],
  [".5s", 500],
  ["1.s", 1_000],
  ["1h0.5m", 3_630_000],
  ["+5m", 300_000],
  ["2000\u00b5s", 2],
  ["2000\u03bcs", 2],
  ["-.5s", Infinity],
  ["0s", 0],
  ["-1m", Infinity],
  [0, 0],
  [90, 90_000],
  [-1, Infinity],
  // No durations of Go's: the server refuses them, and the default is as good as any.
  ["soon", 300_000],
  ["5", 300_000],
  ["1d", 300_000],
  [".s", 300_000],
];

for (const [value, ms] of VALUES) {
  Deno.test(`readKeepAliveMs() takes ${JSON.stringify(value)} for ${ms} ms`, () => {
    assert.equal(readKeepAliveMs(value), ms);
  });
}

interface SentCase {
  readonly provider: KeepAlive | null;
  readonly request?: KeepAlive;
  readonly sent: KeepAlive | undefined;
  readonly ms: number;
}

const SENT: readonly SentCase[] = [
  { provider: null, sent: undefined, ms: 300_000 },
  { provider: "30m", sent: "30m", ms: 1_800_000 },
  { provider: -1, sent: -1, ms: Infinity },
  { provider: "30m", request: "1h", sent: "1h", ms: 3_600_000 },
  { provider: "30m", request: 0, sent: 0, ms: 0 },
];

for (const { provider: keepAlive, request: own, sent, ms } of SENT) {
  Deno.test(`encodeRequest() of ollama sends keep_alive ${sent} for ${own} at ${keepAlive}`, () => {
    const provider = { ...PROVIDER, keepAlive };
    const request = encode(own === undefined ? {} : { "keep_alive": own }, { provider });
    assert.equal(request.body["keep_alive"], sent);
    assert.equal(request.keepAliveMs, ms);
  });
}
