import assert from "node:assert/strict";
import {
  COOLDOWN_RULES,
  cooldownMs,
  dropProbe,
  type HealthState,
  noteFailure,
  noteProbe,
  readCooldown,
  saysLater,
} from "../../src/core/health.ts";
import { isFinalFault } from "../../src/core/cascade.ts";
import { FAULT_KINDS, type UpstreamFault } from "../../src/core/outcome.ts";

const MINUTE_MS = 60_000;

const RATE_LIMIT: UpstreamFault = { kind: "rate_limit", status: 429, message: "" };
const RULE = { scope: "provider", baseMs: 1_000, maxMs: 60_000 } as const;
const BACKOFF = { rule: RULE, failures: 1, random: 0 };

const BACKOFF_CASES: readonly (readonly [
  string,
  number | null,
  Partial<typeof BACKOFF>,
  number,
])[] = [
  ["is what the upstream asks for", 7_000, {}, 7_000],
  ["is nothing when the upstream says so", 0, {}, 0],
  ["is capped, whatever the upstream asks for", 86_400_000, {}, 5 * MINUTE_MS],
  ["is half of the base at least", null, { random: 0 }, 500],
  ["is the base at most", null, { random: 1 }, 1_000],
  ["doubles with each failure in a row", null, { failures: 4, random: 1 }, 8_000],
  ["stops growing at the cap of its kind", null, { failures: 2_000, random: 1 }, 60_000],
];

for (const [name, retryAfterMs, options, expected] of BACKOFF_CASES) {
  Deno.test(`cooldownMs() ${name}`, () => {
    assert.equal(cooldownMs({ retryAfterMs }, { ...BACKOFF, ...options }), expected);
  });
}

const AT = { rule: RULE, random: 1 };

function fail(now: number, options: Partial<{ state: HealthState; startedAt: number }> = {}) {
  const { state, startedAt = now } = options;
  return noteFailure(state, { fault: RATE_LIMIT, now, startedAt, ...AT });
}

Deno.test("readCooldown() says for how long, and after what", () => {
  const cooldown = readCooldown(fail(0), 0);
  assert.deepEqual(cooldown, {
    remainingMs: 1_000,
    isLater: true,
    reason: "cools down after rate_limit, 1 s to go",
  });
  assert.match(readCooldown(fail(0), 700)?.reason ?? "", /, 0\.3 s to go/);
  assert.equal(readCooldown(fail(0), 1_000), null);
  assert.equal(readCooldown(undefined, 0), null);
});

Deno.test("noteFailure() counts requests that failed together as one failure", () => {
  const first = fail(100, { startedAt: 0 });
  const second = fail(110, { state: first, startedAt: 5 });
  assert.equal(second.failures, 1);
  const next = fail(2_000, { state: second, startedAt: 1_990 });
  assert.equal(next.failures, 2);
});

Deno.test("noteFailure() begins anew for another kind of fault, and after a long time without any", () => {
  const third = { ...fail(0), failures: 3 };
  const other = noteFailure(third, {
    fault: { ...RATE_LIMIT, kind: "quota" },
    now: 5_000,
    startedAt: 4_900,
    ...AT,
  });
  assert.equal(other.failures, 1);
  const soon = third.until + 600_000;
  assert.equal(fail(soon, { state: third, startedAt: soon - 1 }).failures, 4);
  assert.equal(fail(soon + 2, { state: third, startedAt: soon + 1 }).failures, 1);
});

const LATER: readonly (readonly [Partial<UpstreamFault>, boolean])[] = [
  [{ kind: "rate_limit" }, true],
  [{ kind: "overloaded" }, true],
  [{ kind: "server_error", retryAfterMs: 5 }, true],
  [{ kind: "server_error", retryAfterMs: null }, false],
  [{ kind: "connect" }, false],
  [{ kind: "timeout" }, false],
  [{ kind: "quota", retryAfterMs: 5 }, false],
];

for (const [fault, isLater] of LATER) {
  Deno.test(`saysLater() of ${JSON.stringify(fault)} is ${isLater}`, () => {
    assert.equal(saysLater({ ...RATE_LIMIT, ...fault }), isLater);
    const options = { fault: { ...RATE_LIMIT, ...fault }, now: 0, startedAt: 0, ...AT };
    assert.equal(readCooldown(noteFailure(undefined, options), 0)?.isLater, isLater);
  });
}

Deno.test("noteFailure() never shortens a cool-down", () => {
  const long = noteFailure(undefined, {
    fault: { ...RATE_LIMIT, retryAfterMs: 60_000 },
    now: 0,
    startedAt: 0,
    ...AT,
  });
  assert.equal(fail(10, { state: long, startedAt: 0 }).until, 60_000);
});

Deno.test("noteFailure() does not count who came during the cool-down as a further failure", () => {
  const first = fail(0);
  const during = fail(600, { state: first, startedAt: 500 });
  assert.equal(during.failures, 1);
  assert.equal(fail(1_300, { state: during, startedAt: 900 }).failures, 1, "until it is over");
});

Deno.test("noteProbe() lets one attempt find out, and the others look again soon", () => {
  const probed = noteProbe(fail(0), { attemptId: 1, now: 1_500 });
  const cooldown = readCooldown(probed, 1_600);
  assert.equal(cooldown?.remainingMs, 100);
  assert.match(cooldown?.reason ?? "", /tried by another request after rate_limit/);
  assert.equal(readCooldown(probed, 3_499)?.remainingMs, 100);
  assert.equal(
    readCooldown(probed, 3_500)?.remainingMs,
    0,
    "a lone model is not waited for longer",
  );
  assert.equal(readCooldown(probed, 31_499)?.remainingMs, 0);
  assert.equal(readCooldown(probed, 31_500), null, "a probe that never ends is no bar");
  assert.equal(noteProbe(probed, { attemptId: 2, now: 1_700 }), probed, "one probe is enough");
});

Deno.test("dropProbe() lets only the attempt that probes end its probe", () => {
  const probed = noteProbe(fail(0), { attemptId: 1, now: 1_500 });
  assert.equal(dropProbe(probed, 2), probed);
  assert.equal(readCooldown(dropProbe(probed, 1), 1_600), null);
});

Deno.test("noteProbe() changes nothing while the cool-down lasts", () => {
  const state = fail(0);
  assert.equal(noteProbe(state, { attemptId: 1, now: 500 }), state);
});

Deno.test("a failed probe cools down for longer", () => {
  const probed = noteProbe(fail(0), { attemptId: 1, now: 1_500 });
  const failed = fail(1_600, { state: probed, startedAt: 1_500 });
  assert.deepEqual([failed.failures, failed.until], [2, 3_600]);
});

/** What cools down after a kind of fault, after the first failure and after many, in milliseconds. */
const RULES: Readonly<Record<string, readonly ["provider" | "model", number, number]>> = {
  connect: ["provider", 1_000, 30_000],
  "rate_limit": ["provider", 1_000, MINUTE_MS],
  quota: ["provider", MINUTE_MS, 5 * MINUTE_MS],
  overloaded: ["provider", 1_000, MINUTE_MS],
  "server_error": ["model", 1_000, MINUTE_MS],
  timeout: ["model", 10_000, 5 * MINUTE_MS],
  malformed: ["model", 1_000, MINUTE_MS],
  truncated: ["model", 1_000, MINUTE_MS],
};

for (const kind of FAULT_KINDS) {
  const expected = RULES[kind];
  const what = expected === undefined ? "put nobody aside" : `put a ${expected[0]} aside`;
  Deno.test(`COOLDOWN_RULES ${what} after ${kind}`, () => {
    const rule = COOLDOWN_RULES[kind];
    const after = (failures: number) => rule && cooldownMs({}, { rule, failures, random: 1 });
    assert.deepEqual(rule && [rule.scope, after(1), after(100)], expected);
  });
}

Deno.test("COOLDOWN_RULES put nobody aside for what is the request's or the user's to mend", () => {
  for (const kind of FAULT_KINDS) {
    if (isFinalFault({ kind, status: 400 })) assert.equal(COOLDOWN_RULES[kind], undefined, kind);
  }
});
