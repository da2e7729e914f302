import assert from "node:assert/strict";
import type { Cooldown } from "../../src/core/health.ts";
import type { UpstreamFault } from "../../src/core/outcome.ts";
import { type CoolingEntry, Health } from "../../src/engine/health.ts";
import { tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { buildModel } from "../support/models.ts";
import { snapshotOf, streamFrom } from "../support/run_case.ts";

const MODEL = buildModel({ alias: "one", provider: "acme" });

const RATE_LIMIT: UpstreamFault = { kind: "rate_limit", status: 429, message: "" };
const SERVER_ERROR: UpstreamFault = { kind: "server_error", status: 500, message: "" };

/** A model's health on a clock that a test moves. */
class Patient {
  readonly told: CoolingEntry[] = [];
  now = 0;
  readonly #health = new Health({
    now: () => this.now,
    random: () => 1,
    onCooldown: (entry) => void this.told.push(entry),
  });

  ask(): number {
    return this.#health.noteAsked(MODEL);
  }

  fail(fault: UpstreamFault, options: { startedAt?: number; attemptId?: number } = {}): void {
    const { startedAt = this.now, attemptId = this.ask() } = options;
    this.#health.noteFault(MODEL, { fault, startedAt, attemptId });
  }

  answer(startedAt: number): void {
    this.#health.noteSuccess(MODEL, startedAt);
  }

  get cooldown(): Cooldown | null {
    return this.#health.cooldownOf(MODEL);
  }
}

for (const fault of [RATE_LIMIT, SERVER_ERROR]) {
  Deno.test(`only an answer to a later request ends the cool-down after ${fault.kind}`, () => {
    const patient = new Patient();
    patient.now = 100;
    patient.fail(fault, { startedAt: 50 });
    patient.answer(99);
    assert.equal(patient.cooldown?.remainingMs, 1_000);
    patient.answer(100);
    assert.equal(patient.cooldown, null);
  });
}

Deno.test("a stale connection and what pirouter itself refused put nobody aside", () => {
  for (const own of [{ isStale: true }, { isOurs: true }]) {
    const patient = new Patient();
    patient.fail({ ...RATE_LIMIT, ...own });
    assert.deepEqual([patient.cooldown, patient.told], [null, []], JSON.stringify(own));
  }
});

Deno.test("a probe that ends with a fault of the request itself lets the next one find out", () => {
  const patient = new Patient();
  patient.fail(RATE_LIMIT);
  patient.now = 1_500;
  const attemptId = patient.ask();
  assert.match(patient.cooldown?.reason ?? "", /being tried/);
  patient.fail({ kind: "bad_request", status: 400, message: "" }, { attemptId });
  assert.equal(patient.cooldown, null);
});

Deno.test("one outage is told once, a longer one and another kind again", () => {
  const patient = new Patient();
  for (let count = 0; count < 3; count++) patient.fail(RATE_LIMIT, { startedAt: 0 });
  assert.equal(patient.told.length, 1, "requests that fail together");
  patient.now = 1_500;
  patient.fail(RATE_LIMIT);
  assert.equal(patient.told.length, 2, "after the cool-down");
  patient.fail({ ...RATE_LIMIT, kind: "overloaded" });
  assert.equal(patient.told.length, 3, "another kind");
  assert.deepEqual(patient.told.map(({ scope, name }) => `${scope} ${name}`), [
    "provider acme",
    "provider acme",
    "provider acme",
  ]);
});

const LONGER: readonly (readonly [string, number, number, RegExp])[] = [
  ["the model's own", 60_000, 5_000, /^cools down after server_error, 60 s/],
  ["its provider's", 5_000, 60_000, /^belongs to acme, which cools down after rate_limit, 60 s/],
];

for (const [whose, ownMs, sharedMs, reason] of LONGER) {
  Deno.test(`of two cool-downs the longer one is told: ${whose}`, () => {
    const patient = new Patient();
    patient.fail({ ...SERVER_ERROR, retryAfterMs: ownMs });
    patient.fail({ ...RATE_LIMIT, retryAfterMs: sharedMs });
    assert.equal(patient.cooldown?.remainingMs, 60_000);
    assert.match(patient.cooldown?.reason ?? "", reason);
  });
}

const NOBODY = { kind: "openai", baseUrl: "http://127.0.0.1:1" } as const;

timedTest("an attempt that a defect ends frees the probe", async () => {
  using snapshot = await snapshotOf(tomlFor([{ alias: "other", upstream: NOBODY }]));
  const { health } = snapshot;
  const fault = { ...RATE_LIMIT, retryAfterMs: 0 };
  health.noteFault(MODEL, { fault, startedAt: performance.now(), attemptId: 0 });
  const events = streamFrom(snapshot, MODEL);
  await assert.rejects(events.next(), /has no provider "acme"/);
  assert.equal(health.cooldownOf(MODEL), null);
});
