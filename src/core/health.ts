/** Cool-down: who has failed lately is left alone for a while, then tried by one request. */

import type { FaultKind, UpstreamFault } from "./outcome.ts";

/** That a model or its provider has failed a moment ago. */
export interface Cooldown {
  /** Milliseconds until it is to be asked again, or looked at again while one request finds out. */
  readonly remainingMs: number;
  /** Whether it said that it can answer later: then waiting for it makes sense. */
  readonly isLater: boolean;
  /** A predicate of the model: `cools down after rate_limit, 12 s to go`. */
  readonly reason: string;
}

/** What a fault of this kind puts aside, and for how long. */
export interface CooldownRule {
  readonly scope: "provider" | "model";
  /** Milliseconds after the first failure in a row; each further one doubles it. */
  readonly baseMs: number;
  /** The most milliseconds, unless the upstream asks for more. */
  readonly maxMs: number;
}

const MINUTE_MS = 60_000;

/**
 * THE TABLE of what cools down. Faults of the request itself, and those that the user must set
 * right, put nothing aside: skipping them in silence would hide what is wrong. A server that can't
 * be reached is looked for often, since it may be back any moment, and asking it costs nothing.
 */
export const COOLDOWN_RULES: Readonly<Partial<Record<FaultKind, CooldownRule>>> = {
  connect: { scope: "provider", baseMs: 1_000, maxMs: MINUTE_MS / 2 },
  "rate_limit": { scope: "provider", baseMs: 1_000, maxMs: MINUTE_MS },
  quota: { scope: "provider", baseMs: MINUTE_MS, maxMs: 5 * MINUTE_MS },
  overloaded: { scope: "provider", baseMs: 1_000, maxMs: MINUTE_MS },
  "server_error": { scope: "model", baseMs: 1_000, maxMs: MINUTE_MS },
  timeout: { scope: "model", baseMs: 10_000, maxMs: 5 * MINUTE_MS },
  malformed: { scope: "model", baseMs: 1_000, maxMs: MINUTE_MS },
  truncated: { scope: "model", baseMs: 1_000, maxMs: MINUTE_MS },
};

/** The longest cool-down that an upstream can ask for, in milliseconds. */
export const MAX_COOLDOWN_MS: number = 5 * MINUTE_MS;

/** After so many milliseconds without a failure the next one is the first of a row again. */
const FORGET_MS = 10 * MINUTE_MS;

/** The longest that one request may find out alone, in milliseconds. */
const PROBE_MS = 30_000;

/** How often others look whether it has found out, in milliseconds, and how long they do so. */
const PROBE_LOOK_MS = 100;
const PROBE_PATIENCE_MS = 2_000;

/** How one provider or model does. Times are milliseconds of a monotonic clock. */
export interface HealthState {
  /** Failures in a row. */
  readonly failures: number;
  /** What it failed with last. */
  readonly kind: FaultKind;
  /** Whether it said that it can answer later. */
  readonly isLater: boolean;
  /** When that was. */
  readonly failedAt: number;
  /** Until when it is left alone. */
  readonly until: number;
  /** The attempt that finds out alone whether it works again, and since when; null: none does. */
  readonly probe: { readonly attemptId: number; readonly since: number } | null;
}

/**
 * Milliseconds of the cool-down after a fault: what the upstream asked for, up to the cap, else
 * doubling with each failure in a row, of which a random half is taken off ("equal jitter":
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). `random` is in [0, 1).
 */
export function cooldownMs(
  fault: Pick<UpstreamFault, "retryAfterMs">,
  options: {
    readonly rule: Pick<CooldownRule, "baseMs" | "maxMs">;
    readonly failures: number;
    readonly random: number;
  },
): number {
  if (typeof fault.retryAfterMs === "number") return Math.min(fault.retryAfterMs, MAX_COOLDOWN_MS);
  const { rule: { baseMs, maxMs }, failures, random } = options;
  const fullMs = Math.min(baseMs * 2 ** (failures - 1), maxMs);
  return fullMs / 2 + random * fullMs / 2;
}

/** A failed attempt, and the moment and the chance that decide what follows from it. */
export interface Failure {
  readonly fault: UpstreamFault;
  readonly rule: CooldownRule;
  /** When the attempt began, and now. */
  readonly startedAt: number;
  readonly now: number;
  /** In [0, 1). */
  readonly random: number;
}

/** The state after one more failed attempt. */
export function noteFailure(state: HealthState | undefined, failure: Failure): HealthState {
  const { fault, rule, now, random } = failure;
  const failures = countFailures(state, failure);
  const until = now + cooldownMs(fault, { rule, failures, random });
  const isLonger = state === undefined || until > state.until;
  return {
    failures,
    kind: fault.kind,
    isLater: saysLater(fault),
    failedAt: now,
    until: isLonger ? until : state.until,
    probe: null,
  };
}

/** Whether the upstream says that it can answer later. */
export function saysLater({ kind, retryAfterMs }: UpstreamFault): boolean {
  return kind === "rate_limit" || kind === "overloaded" ||
    (kind !== "quota" && typeof retryAfterMs === "number");
}

function countFailures(
  state: HealthState | undefined,
  { fault, startedAt, now }: Failure,
): number {
  if (state === undefined || state.kind !== fault.kind) return 1;
  // Requests that were under way together, or came during the cool-down, show one failure, not many.
  if (startedAt < Math.max(state.failedAt, state.until)) return state.failures;
  return now - state.until > FORGET_MS ? 1 : state.failures + 1;
}

/** The state once an attempt asks it after its cool-down: the others wait for what comes of it. */
export function noteProbe(
  state: HealthState,
  { attemptId, now }: { readonly attemptId: number; readonly now: number },
): HealthState {
  if (state.until > now || isProbed(state, now)) return state;
  return { ...state, probe: { attemptId, since: now } };
}

/** The state once an attempt has ended without telling anything. */
export function dropProbe(state: HealthState, attemptId: number): HealthState {
  return state.probe?.attemptId === attemptId ? { ...state, probe: null } : state;
}

function isProbed({ probe }: HealthState, now: number): boolean {
  return probe !== null && now - probe.since < PROBE_MS;
}

/** Whether it is left alone now, and why; null when it may be asked. */
export function readCooldown(state: HealthState | undefined, now: number): Cooldown | null {
  if (state === undefined) return null;
  const { isLater, kind } = state;
  if (state.until > now) {
    const remainingMs = state.until - now;
    const reason = `cools down after ${kind}, ${describeMs(remainingMs)} to go`;
    return { remainingMs, isLater, reason };
  }
  if (!isProbed(state, now)) return null;
  const isLong = now - (state.probe?.since ?? now) >= PROBE_PATIENCE_MS;
  return {
    remainingMs: isLong ? 0 : PROBE_LOOK_MS,
    isLater,
    reason: `is being tried by another request after ${kind}`,
  };
}

function describeMs(ms: number): string {
  return ms < 950 ? `${Math.ceil(ms / 100) / 10} s` : `${Math.ceil(ms / 1_000)} s`;
}
