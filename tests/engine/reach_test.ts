import assert from "node:assert/strict";
import { addressOf, watchReach } from "../../src/providers/reach.ts";
import { timedTest } from "../support/deadline.ts";
import { openSilentPort } from "../support/silent_port.ts";

const LIMIT_MS = 60;

/** A port can be silent on Linux alone. */
const ON_LINUX = { ignore: Deno.build.os !== "linux" };

/** How often a host is said to be unreachable, in twice the time that reaching it may take. */
async function countCalls(url: string, leaveAfterMs: number | null = null): Promise<number> {
  let count = 0;
  using watch = watchReach(url, { limitMs: LIMIT_MS, onUnreachable: () => void count++ });
  if (leaveAfterMs !== null) {
    await pause(leaveAfterMs);
    watch[Symbol.dispose]();
  }
  await pause(2 * LIMIT_MS);
  return count;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const DISPOSALS: readonly (readonly [string, number | null, number])[] = [
  ["that does not answer is told once", null, 1],
  ["whose head comes before it is tried is not told", 0, 0],
  ["whose head comes while it is tried is not told", 0.75 * LIMIT_MS, 0],
];

for (const [what, leaveAfterMs, expected] of DISPOSALS) {
  timedTest(`a host ${what}`, async () => {
    using silent = await openSilentPort();
    assert.equal(await countCalls(silent.baseUrl, leaveAfterMs), expected);
  }, ON_LINUX);
}

// A connection that is still tried is a leak, which fails the test.
timedTest("whoever waits no longer for a host lets go of the connection to it", async () => {
  using silent = await openSilentPort();
  using _ = watchReach(silent.baseUrl, { limitMs: 200, onUnreachable: () => assert.fail() });
  await pause(120);
}, ON_LINUX);

timedTest("a host that refuses the connection is left to the request itself", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  assert.equal(await countCalls(`http://127.0.0.1:${port}`), 0);
});

for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"]) {
  timedTest(`behind the proxy of ${name} no host is called unreachable`, async () => {
    using silent = await openSilentPort();
    const before = Deno.env.get(name);
    Deno.env.set(name, "http://127.0.0.1:1");
    try {
      assert.equal(await countCalls(silent.baseUrl), 0);
    } finally {
      if (before === undefined) Deno.env.delete(name);
      else Deno.env.set(name, before);
    }
  }, ON_LINUX);
}

const ADDRESSES: readonly (readonly [string, string, number])[] = [
  ["https://api.example.com/v1", "api.example.com", 443],
  ["http://api.example.com/v1", "api.example.com", 80],
  ["https://api.example.com:8443/v1", "api.example.com", 8443],
  ["http://127.0.0.1:11434", "127.0.0.1", 11434],
  ["http://[::1]:11434/api", "::1", 11434],
];

for (const [url, hostname, port] of ADDRESSES) {
  Deno.test(`addressOf() of ${url} is ${hostname} and ${port}`, () => {
    assert.deepEqual(addressOf(url), { hostname, port });
  });
}
