/** Cool-down: who has failed lately is left alone for a while, then tried by one request. */

import type { FaultKind, UpstreamFault } from "./outcome.ts";

/** That a model or its provider has failed a moment ago. */
export interface Cooldown {
  /** Milliseconds until it is to be asked again, or looked at again while one request finds out. */
  readonly remainingMs: number;
  /** A predicate of the model: `cools down for 12 s more after rate_limit`. */
  readonly reason: string;
}

/** What a fault of this kind puts aside, and for how long at first. */
export interface CooldownRule {
  readonly scope: "provider" | "model";
  /** Milliseconds after the first failure in a row; each further one doubles it. */
  readonly baseMs: number;
}

/**
 * THE TABLE of what cools down. Faults of the request itself, and those that the user must set
 * right, put nothing aside: skipping them in silence would hide what is wrong.
 */
export const COOLDOWN_RULES: Readonly<Partial<Record<FaultKind, CooldownRule>>> = {
  connect: { scope: "provider", baseMs: 1_000 },
  "rate_limit": { scope: "provider", baseMs: 1_000 },
  quota: { scope: "provider", baseMs: 60_000 },
  overloaded: { scope: "provider", baseMs: 1_000 },
  "server_error": { scope: "model", baseMs: 1_000 },
  timeout: { scope: "model", baseMs: 10_000 },
  malformed: { scope: "model", baseMs: 1_000 },
  truncated: { scope: "model", baseMs: 1_000 },
};

/** The longest cool-down, whatever an upstream asks for, in milliseconds. */
export const MAX_COOLDOWN_MS = 300_000;

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
  options: { readonly baseMs: number; readonly failures: number; readonly random: number },
): number {
  if (typeof fault.retryAfterMs === "number") return Math.min(fault.retryAfterMs, MAX_COOLDOWN_MS);
  const { baseMs, failures, random } = options;
  const fullMs = Math.min(baseMs * 2 ** (failures - 1), MAX_COOLDOWN_MS);
  return fullMs / 2 + random * fullMs / 2;
}

/** The state after one more failed attempt, which began at `startedAt`. */
export function noteFailure(
  state: HealthState | undefined,
  options: {
    readonly fault: UpstreamFault;
    readonly baseMs: number;
    readonly startedAt: number;
    readonly now: number;
    readonly random: number;
  },
): HealthState {
  const { fault, baseMs, startedAt, now, random } = options;
  // Requests that were under way together, or came during the cool-down, show one failure, not many.
  const isSameFailure = state !== undefined && startedAt < Math.max(state.failedAt, state.until);
  const failures = isSameFailure ? state.failures : (state?.failures ?? 0) + 1;
  const until = now + cooldownMs(fault, { baseMs, failures, random });
  const isLonger = state === undefined || until > state.until;
  return {
    failures,
    kind: fault.kind,
    failedAt: now,
    until: isLonger ? until : state.until,
    probe: null,
  };
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
  if (state.until > now) {
    const remainingMs = state.until - now;
    const reason = `cools down for ${describeMs(remainingMs)} more after ${state.kind}`;
    return { remainingMs, reason };
  }
  if (!isProbed(state, now)) return null;
  const isLong = now - (state.probe?.since ?? now) >= PROBE_PATIENCE_MS;
  return {
    remainingMs: isLong ? 0 : PROBE_LOOK_MS,
    reason: `is being tried by another request after ${state.kind}`,
  };
}

function describeMs(ms: number): string {
  return ms < 950 ? `${Math.ceil(ms / 100) / 10} s` : `${Math.ceil(ms / 1_000)} s`;
}
