import assert from "node:assert/strict";
import type { Deadline } from "../../src/engine/deadline.ts";
import { Slots } from "../../src/engine/slots.ts";
import { timedTest } from "../support/deadline.ts";

/** A deadline in so many milliseconds. */
function deadlineIn(ms: number): Deadline {
  const fault = { kind: "deadline", status: null, message: "too late", isOurs: true } as const;
  return { at: performance.now() + ms, fault };
}

const STAYS = new AbortController().signal;

async function take(slots: Slots, signal: AbortSignal = STAYS): Promise<() => void> {
  const result = await slots.take(signal);
  assert.equal(result.type, "slot");
  return result.type === "slot" ? result.release : () => {};
}

timedTest("a slot that is given back goes to who waits longest", async () => {
  const slots = new Slots(1);
  const release = await take(slots);
  const order: string[] = [];
  const first = take(slots).then((next) => (order.push("first"), next));
  const second = take(slots).then((next) => (order.push("second"), next));
  release();
  (await first)();
  (await second)();
  assert.deepEqual(order, ["first", "second"]);
});

timedTest("Slots counts who is in flight and who waits", async () => {
  const slots = new Slots(1);
  assert.deepEqual([slots.limit, new Slots(null).limit], [1, null]);
  const release = await take(slots);
  const waiting = take(slots);
  assert.deepEqual([slots.takenCount, slots.waitingCount], [1, 1]);
  release();
  const last = await waiting;
  assert.deepEqual([slots.takenCount, slots.waitingCount], [1, 0]);
  last();
  assert.deepEqual([slots.takenCount, slots.waitingCount], [0, 0]);
});

timedTest("a slot that is given back twice is given to one", async () => {
  const slots = new Slots(1);
  const release = await take(slots);
  const [first, second] = [take(slots), take(slots)];
  release();
  release();
  const releaseFirst = await first;
  let isSecondIn = false;
  void second.then(() => (isSecondIn = true));
  await Promise.resolve().then(() => Promise.resolve());
  assert.equal(isSecondIn, false);
  releaseFirst();
  (await second)();
});

timedTest("a waiter that leaves is passed over, and its slot is not lost", async () => {
  const slots = new Slots(1);
  const release = await take(slots);
  const leaver = new AbortController();
  const left = slots.take(leaver.signal);
  const stayer = take(slots);
  leaver.abort();
  assert.deepEqual(await left, { type: "cancelled" });
  release();
  (await stayer)();
  (await take(slots))();
});

timedTest("who has left before gets no slot", async () => {
  assert.deepEqual(await new Slots(1).take(AbortSignal.abort()), { type: "cancelled" });
});

timedTest("too many waiters are turned away", async () => {
  const slots = new Slots(1);
  const release = await take(slots);
  const all = new AbortController();
  const waiters = Array.from({ length: 256 }, () => slots.take(all.signal));
  assert.deepEqual(await slots.take(STAYS), { type: "full" });
  all.abort();
  await Promise.all(waiters);
  release();
});

timedTest("without a limit nobody waits", async () => {
  const slots = new Slots(null);
  const releases = await Promise.all(Array.from({ length: 1_000 }, () => take(slots)));
  for (const release of releases) release();
});

timedTest("who waits until its deadline is too late, and its place is not lost", async () => {
  const slots = new Slots(1);
  const release = await take(slots);
  const deadline = deadlineIn(20);
  const late = slots.take(STAYS, deadline);
  const stayer = take(slots);
  assert.deepEqual(await late, { type: "late", fault: deadline.fault });
  release();
  (await stayer)();
  assert.equal(slots.takenCount, 0);
});

// A timer that is left running is a leak, which fails the test.
timedTest("who gets a slot before its deadline is not watched any more", async () => {
  const slots = new Slots(1);
  const release = await take(slots);
  const inTime = slots.take(STAYS, deadlineIn(60_000));
  release();
  const result = await inTime;
  assert.ok(result.type === "slot");
  result.release();
});
