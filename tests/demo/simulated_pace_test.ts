import assert from "node:assert/strict";
import { PERSONAS } from "../../src/demo/persona.ts";
import type { Wait } from "../../src/demo/simulated_provider.ts";
import { startSimulatedProviders } from "../../src/demo/simulated_providers.ts";
import { post, sentTo, withProviders } from "../support/simulated_case.ts";

/** Rejects when the promise has not settled after this many milliseconds. */
async function within(promise: Promise<void>, milliseconds: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => late.reject(new Error("too late")), milliseconds);
  try {
    await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

Deno.test("a simulated stream sends a token only after its pause", async () => {
  const pauses: { readonly milliseconds: number; readonly pass: () => void }[] = [];
  const arrivals = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const wait: Wait = (milliseconds) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    pauses.push({ milliseconds, pass: resolve });
    arrivals[pauses.length - 1]?.resolve();
    return promise;
  };
  await withProviders(async (providers) => {
    const response = await post(providers, "slow", sentTo("slow", { "stream": true }));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    await arrivals[0]?.promise;
    assert.deepEqual(pauses.map(({ milliseconds }) => milliseconds), [1500]);
    pauses[0]?.pass();
    assert.match((await reader?.read())?.value ?? "", /"role":"assistant"/);
    await arrivals[1]?.promise;
    assert.deepEqual(pauses.map(({ milliseconds }) => milliseconds), [1500, 60]);
    await reader?.cancel();
    pauses[1]?.pass();
  }, wait);
});

Deno.test("a simulated stream stops when its client leaves", async () => {
  const stopped = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const wait: Wait = (_milliseconds, signal) => {
    const { promise, reject } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => {
      stopped.resolve();
      reject(signal.reason);
    });
    started.resolve();
    return promise;
  };
  await withProviders(async (providers) => {
    const response = await post(providers, "local", sentTo("local", { "stream": true }));
    await started.promise;
    await response.body?.cancel();
    await within(stopped.promise, 5000);
  }, wait);
});

Deno.test("startSimulatedProviders() uses the port it is given, real pauses, and ends cleanly", async () => {
  const ending = new AbortController();
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  assert.throws(() => startSimulatedProviders({ signal: ending.signal, ports: { cloud: port } }));
  taken.close();
  const providers = startSimulatedProviders({ signal: ending.signal, ports: { cloud: port } });
  assert.equal(providers.endpoints.cloud.baseUrl, `http://127.0.0.1:${port}`);
  const before = performance.now();
  const response = await post(providers, "weak");
  await response.body?.cancel();
  assert.ok(performance.now() - before >= PERSONAS.weak.firstTokenMs);
  ending.abort();
  await providers.finished;
});
