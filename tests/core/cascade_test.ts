import assert from "node:assert/strict";
import {
  canEscalate,
  type CascadeSettings,
  checksFor,
  type EndedAttempt,
  judgeText,
  nextStep,
} from "../../src/core/cascade.ts";
import { type AttemptOutcome, FAULT_KINDS, type FaultKind } from "../../src/core/outcome.ts";
import {
  buildFeatures,
  buildModel,
  buildRequest,
  CASCADE_SETTINGS as SETTINGS,
} from "../support/models.ts";

const PLAN = {
  candidates: [8_000, 4_000, 100_000, null].map((contextWindow, index) => ({
    model: buildModel({ alias: `m${index}`, contextWindow }),
    expectedCostUsd: null,
    caution: null,
    cooldown: null,
    rank: index,
  })),
};

const answered: AttemptOutcome = { type: "answered" };
const cancelled: AttemptOutcome = { type: "cancelled" };
const fault = (kind: FaultKind, status: number | null = 400): AttemptOutcome => ({
  type: "fault",
  fault: { kind, status, message: "" },
});
const weak = (
  reason: "short" | "marker",
  textLength: number,
  isWhole = true,
): AttemptOutcome => ({ type: "weak", reason, textLength, isWhole });

function history(...outcomes: readonly AttemptOutcome[]): readonly EndedAttempt[] {
  return outcomes.map((outcome, candidate) => ({ candidate, outcome, isCommitted: false }));
}

const NO_WAIT = { cooldownOf: () => null, patienceMs: 0 };

function step(
  outcomes: readonly AttemptOutcome[],
  settings: Partial<CascadeSettings> = {},
): string {
  const attempts = history(...outcomes);
  const options = { settings: { ...SETTINGS, ...settings }, attempts, ...NO_WAIT };
  const next = nextStep(PLAN, options);
  if (next.type === "attempt") return `attempt ${next.candidate}`;
  return next.type === "serve" ? `serve ${next.attempt}` : next.type;
}

const CASES: readonly (readonly [string, readonly AttemptOutcome[], string])[] = [
  ["begins with the first candidate", [], "attempt 0"],
  ["serves an answer", [answered], "serve 0"],
  ["stops when the client has left", [cancelled], "stop"],
  ["falls back on a fault", [fault("server_error")], "attempt 1"],
  ["falls back again", [fault("connect"), fault("timeout")], "attempt 2"],
  ["serves the answer of a fallback", [fault("connect"), answered], "serve 1"],
  ["escalates a weak answer", [weak("short", 3)], "attempt 1"],
  ["fails when every candidate failed", Array(4).fill(fault("server_error")), "fail"],
  ["does not repeat a request that is wrong in itself", [fault("bad_request")], "fail"],
  ["serves a weak answer rather than an error", [weak("short", 3), fault("auth")], "serve 0"],
  [
    "serves the longest of several short answers",
    [weak("short", 3), weak("short", 9), weak("short", 5), fault("connect")],
    "serve 1",
  ],
  [
    "serves the strongest of equally short answers",
    [weak("short", 3), weak("short", 3), weak("short", 3), weak("short", 3)],
    "serve 3",
  ],
  [
    "serves a short answer rather than one with the marker",
    [weak("short", 3), weak("marker", 900), fault("connect"), fault("connect")],
    "serve 0",
  ],
  [
    "never serves an answer that was broken off",
    [weak("marker", 900, false), fault("connect"), fault("connect"), fault("connect")],
    "fail",
  ],
  ["goes to a larger window after an overflow", [fault("context_overflow")], "attempt 2"],
  [
    "remembers an overflow after another fault",
    [fault("connect"), fault("connect"), fault("context_overflow"), fault("connect")],
    "fail",
  ],
  [
    "takes an unknown window as a larger one",
    [fault("connect"), fault("connect"), fault("context_overflow")],
    "attempt 3",
  ],
];

for (const [name, outcomes, expected] of CASES) {
  Deno.test(`nextStep() ${name}`, () => assert.equal(step(outcomes), expected));
}

const FINAL: ReadonlySet<FaultKind> = new Set(
  ["auth", "permission", "not_found", "bad_request", "content_filter", "deadline"] as const,
);

for (const kind of FAULT_KINDS) {
  const expected = FINAL.has(kind) ? "fail" : "attempt";
  Deno.test(`nextStep() after ${kind}: ${expected}`, () => {
    assert.equal(step([fault(kind)]).split(" ")[0], expected);
  });
}

for (const kind of ["auth", "permission", "not_found", "bad_request"] as const) {
  Deno.test(`nextStep() does not believe ${kind} within a 200`, () => {
    assert.equal(step([fault(kind, null)]), "attempt 1");
    assert.equal(step([fault("content_filter", null)]), "fail");
  });
}

Deno.test("nextStep() asks once more at once over a connection that was closed before its use", () => {
  const stale: AttemptOutcome = {
    type: "fault",
    fault: { kind: "connect", status: null, message: "", isStale: true },
  };
  const options = { settings: { ...SETTINGS, onHttpError: false }, ...NO_WAIT };
  const once = [{ candidate: 0, outcome: stale, isCommitted: false }];
  const again = { type: "attempt", candidate: 0, waitMs: 0 };
  assert.deepEqual(nextStep(PLAN, { ...options, attempts: once }), again);
  const broken = { candidate: 0, outcome: fault("connect", null), isCommitted: false };
  const twice = [...once, broken];
  assert.equal(nextStep(PLAN, { ...options, attempts: twice }).type, "fail");
  const next = { type: "attempt", candidate: 1, waitMs: 0 };
  assert.deepEqual(nextStep(PLAN, { ...options, settings: SETTINGS, attempts: twice }), next);
});

Deno.test("nextStep() falls back on nothing when on_http_error is off", () => {
  assert.equal(step([fault("connect")], { onHttpError: false }), "fail");
});

Deno.test("nextStep() stops once the stream is committed, whatever happened", () => {
  for (const outcome of [answered, fault("truncated"), cancelled]) {
    const attempts = [{ candidate: 0, outcome, isCommitted: true }];
    const options = { settings: SETTINGS, attempts, ...NO_WAIT };
    assert.deepEqual(nextStep(PLAN, options), { type: "stop" });
  }
});

Deno.test("judgeText() finds short answers and the marker", () => {
  const checks = checksFor(buildRequest("hi"), SETTINGS);
  assert.equal(judgeText("Yes.", checks), "short");
  assert.equal(judgeText("one two three four five six seven eight nine ten", checks), null);
  assert.equal(judgeText(" <escalate/> I am not sure about all of this at all", checks), "marker");
  const late = "I am not sure about all of this at all <escalate/>";
  assert.equal(judgeText(late, checks), null);
  assert.equal(
    judgeText(late, checksFor(buildRequest("hi"), { ...SETTINGS, streamHold: "full" })),
    "marker",
  );
});

Deno.test("checksFor() lets an answer be short where a short one was asked for", () => {
  const requests = [
    buildRequest("hi", { "max_tokens": 8 }),
    buildRequest("hi", { "response_format": { "type": "json_object" } }),
  ];
  for (const request of requests) {
    assert.equal(checksFor(request, SETTINGS).minOutputTokens, null);
  }
  const off = checksFor(buildRequest("hi"), { ...SETTINGS, onShortResponse: false });
  assert.equal(off.minOutputTokens, null);
});

Deno.test("canEscalate() holds where a check is on, fits the request, and another model may be asked", () => {
  const can = (
    settings: Partial<CascadeSettings>,
    routing: { readonly autoCascade?: boolean; readonly maxPolicyFallbacks?: number } = {},
    fields: Readonly<Record<string, unknown>> = {},
  ) =>
    canEscalate(buildFeatures(buildRequest("hi", fields)), {
      cascade: { ...SETTINGS, onShortResponse: true, onMarker: null, ...settings },
      routing: { autoCascade: true, maxPolicyFallbacks: 3, ...routing },
    });
  assert.deepEqual(
    [can({}), can({ onShortResponse: false }), can({ onShortResponse: false, onMarker: "<up/>" })],
    [true, false, true],
  );
  assert.deepEqual([can({}, { autoCascade: false }), can({}, { maxPolicyFallbacks: 0 })], [
    false,
    false,
  ]);
  assert.equal(can({}, {}, { "max_tokens": 3 }), false);
  assert.equal(can({}, {}, { "response_format": { "type": "json_object" } }), false);
});
