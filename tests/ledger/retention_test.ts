import assert from "node:assert/strict";
import { startRetention } from "../../src/ledger/retention.ts";
import { FakeClock } from "./fake_clock.ts";

const DAY_MS = 86_400_000;

interface Call {
  readonly atMs: number;
  readonly ageMs: number;
}

function runRetention(
  results: readonly (number | null)[],
  clock: FakeClock,
): { readonly calls: Call[]; readonly stop: () => void } {
  const calls: Call[] = [];
  const startMs = clock.nowMs();
  const stop = startRetention({
    retentionDays: 7,
    clock,
    deleteOlderThan(cutoffMs) {
      calls.push({ atMs: clock.nowMs() - startMs, ageMs: clock.nowMs() - cutoffMs });
      const result = results[calls.length - 1];
      return result === undefined ? 0 : result;
    },
  });
  return { calls, stop };
}

Deno.test("startRetention() deletes what is older than the days, soon and then once a day", () => {
  const clock = new FakeClock();
  const { calls, stop } = runRetention([0, 0, 0], clock);
  clock.advance(2 * DAY_MS + 1_000);
  assert.deepEqual(calls.map((call) => call.atMs), [1_000, 1_000 + DAY_MS, 1_000 + 2 * DAY_MS]);
  assert(calls.every((call) => call.ageMs === 7 * DAY_MS));
  stop();
  assert.equal(clock.nextDelayMs, null);
});

Deno.test("startRetention() goes on in small batches while there is more", () => {
  const clock = new FakeClock();
  const { calls, stop } = runRetention([500, 500, 3], clock);
  clock.advance(10_000);
  assert.deepEqual(calls.map((call) => call.atMs), [1_000, 1_050, 1_100]);
  stop();
});

Deno.test("startRetention() tries again in a minute when the file was busy", () => {
  const clock = new FakeClock();
  const { calls, stop } = runRetention([null, 0], clock);
  clock.advance(61_000);
  assert.deepEqual(calls.map((call) => call.atMs), [1_000, 61_000]);
  stop();
});

Deno.test("startRetention() schedules nothing when rows are kept for ever", () => {
  const clock = new FakeClock();
  const stop = startRetention({ retentionDays: null, clock, deleteOlderThan: assert.fail });
  assert.equal(clock.nextDelayMs, null);
  stop();
});
