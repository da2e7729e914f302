import assert from "node:assert/strict";
import { nextStep } from "../../src/core/cascade.ts";
import type { Cooldown } from "../../src/core/health.ts";
import type { AttemptOutcome, FaultKind } from "../../src/core/outcome.ts";
import { buildModel, CASCADE_SETTINGS as SETTINGS } from "../support/models.ts";

const CANDIDATES = ["m0", "m1", "m2"].map((alias, index) => ({
  model: buildModel({ alias }),
  expectedCostUsd: null,
  caution: null,
  cooldown: null,
  rank: index,
}));

const SHORT: AttemptOutcome = { type: "weak", reason: "short", textLength: 3, isWhole: true };

const later = (retryAfterMs: number | null = null, kind: FaultKind = "rate_limit") =>
  ({
    type: "fault",
    fault: { kind, status: 429, message: "", retryAfterMs },
  }) as const;

function coolingFor(remainingMs: number, isLater = true): Cooldown | null {
  return remainingMs === 0 ? null : { remainingMs, isLater, reason: "cools down" };
}

interface WaitCase {
  /** Whether they said that they can answer later; true unless a case says otherwise. */
  readonly isLater?: boolean;
  /** Whether every candidate cooled down already when the request was routed. */
  readonly isCooling?: boolean;
  readonly name: string;
  /** The candidates that were asked, in order, and how each ended. */
  readonly asked: readonly (readonly [number, AttemptOutcome])[];
  readonly candidateCount?: number;
  /** Milliseconds until each candidate may be asked again. */
  readonly waits: readonly number[];
  readonly patienceMs?: number;
  readonly expected: string;
}

const WAIT_CASES: readonly WaitCase[] = [
  {
    name: "asks the only candidate again after its wait",
    asked: [[0, later(2_000)]],
    waits: [2_000],
    expected: "attempt 0 after 2000",
  },
  {
    name: "fails when the wait is longer than its patience",
    asked: [[0, later(20_000)]],
    waits: [20_000],
    expected: "fail",
  },
  {
    name: "asks a candidate three times at most",
    asked: [[0, later(0)], [0, later(0)], [0, later(0)]],
    waits: [0],
    expected: "fail",
  },
  {
    name: "waits for an overloaded candidate that names no time",
    asked: [[0, later(null, "overloaded")]],
    waits: [700],
    expected: "attempt 0 after 700",
  },
  {
    name: "waits for a failing candidate that names one",
    asked: [[0, later(1_000, "server_error")]],
    waits: [1_000],
    expected: "attempt 0 after 1000",
  },
  {
    name: "does not repeat a server error that names no time",
    asked: [[0, later(null, "server_error")]],
    waits: [1_000],
    expected: "fail",
  },
  {
    name: "does not wait for money",
    asked: [[0, later(1_000, "quota")]],
    waits: [1_000],
    expected: "fail",
  },
  {
    name: "does not wait before another candidate",
    asked: [[0, later(2_000)]],
    candidateCount: 2,
    waits: [2_000, 0],
    expected: "attempt 1 after 0",
  },
  {
    name: "waits for the soonest when every candidate said later",
    asked: [[0, later(5_000)], [1, later(3_000)]],
    candidateCount: 2,
    waits: [5_000, 3_000],
    expected: "attempt 1 after 3000",
  },
  {
    name: "serves a weak answer rather than wait for a better one",
    asked: [[0, SHORT], [1, later(1_000)]],
    candidateCount: 2,
    waits: [0, 1_000],
    expected: "serve 0",
  },
  {
    name: "waits for an only candidate that cools down since another request",
    isCooling: true,
    asked: [],
    waits: [4_000],
    expected: "attempt 0 after 4000",
  },
  {
    name: "asks an only candidate at once when its cool-down is long",
    isCooling: true,
    asked: [],
    waits: [40_000],
    expected: "attempt 0 after 0",
  },
  {
    name: "does not wait for who did not say that it can answer later",
    isCooling: true,
    isLater: false,
    asked: [],
    waits: [4_000],
    expected: "attempt 0 after 0",
  },
  {
    name: "waits for all of its patience",
    isCooling: true,
    asked: [],
    waits: [10_000],
    expected: "attempt 0 after 10000",
  },
  {
    name: "waits for the soonest where every candidate cools down",
    isCooling: true,
    asked: [],
    candidateCount: 2,
    waits: [4_000, 6_000],
    expected: "attempt 0 after 4000",
  },
  {
    name: "asks one that is well before one whose provider has begun to cool down since",
    asked: [[0, later(2_000)]],
    candidateCount: 3,
    waits: [2_000, 2_000, 0],
    expected: "attempt 2 after 0",
  },
  {
    name: "asks one that cools down at once when it is the last that was not asked",
    asked: [[0, later(2_000)], [2, later(1_000)]],
    candidateCount: 3,
    waits: [2_000, 2_000, 1_000],
    expected: "attempt 1 after 0",
  },
  {
    name: "does not wait first where there are other candidates",
    asked: [],
    candidateCount: 2,
    waits: [4_000, 6_000],
    expected: "attempt 0 after 0",
  },
  {
    name: "goes on to who was not asked, from a candidate that was asked again",
    asked: [[0, later(0)], [1, later(0)], [0, SHORT]],
    candidateCount: 3,
    waits: [0, 0, 0],
    expected: "attempt 2 after 0",
  },
];

for (const { name, asked, waits, expected, ...rest } of WAIT_CASES) {
  Deno.test(`nextStep() ${name}`, () => {
    const attempts = asked.map(([candidate, outcome]) => ({
      candidate,
      outcome,
      isCommitted: false,
    }));
    const { isCooling = false, isLater = true, candidateCount = 1, patienceMs = 10_000 } = rest;
    const cooldown = isCooling ? coolingFor(1, isLater) : null;
    const candidates = CANDIDATES.slice(0, candidateCount)
      .map((candidate) => ({ ...candidate, cooldown }));
    const plan = { candidates };
    const cooldownOf = (candidate: number) => coolingFor(waits[candidate] ?? 0, isLater);
    const next = nextStep(plan, { settings: SETTINGS, attempts, cooldownOf, patienceMs });
    const text = next.type === "attempt"
      ? `attempt ${next.candidate} after ${next.waitMs}`
      : next.type === "serve"
      ? `serve ${next.attempt}`
      : next.type;
    assert.equal(text, expected);
  });
}

Deno.test("nextStep() waits for nobody when on_http_error is off", () => {
  const cooldown = coolingFor(4_000);
  const plan = { candidates: CANDIDATES.slice(0, 1).map((each) => ({ ...each, cooldown })) };
  const settings = { ...SETTINGS, onHttpError: false };
  const options = { settings, attempts: [], cooldownOf: () => cooldown, patienceMs: 10_000 };
  assert.deepEqual(nextStep(plan, options), { type: "attempt", candidate: 0, waitMs: 0 });
  const attempts = [{ candidate: 0, outcome: later(0), isCommitted: false }];
  assert.equal(nextStep(plan, { ...options, attempts }).type, "fail");
});

Deno.test("nextStep() repeats nothing that pirouter itself refused", () => {
  const own = later(0);
  const outcome = { ...own, fault: { ...own.fault, isOurs: true } };
  const attempts = [{ candidate: 0, outcome, isCommitted: false }];
  const plan = { candidates: CANDIDATES.slice(0, 1) };
  const options = { settings: SETTINGS, attempts, cooldownOf: () => null, patienceMs: 10_000 };
  assert.equal(nextStep(plan, options).type, "fail");
});
