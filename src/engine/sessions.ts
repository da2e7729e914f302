/** Which model has which conversation: in memory, by fingerprints of their openings. */

import type { ChatRequest } from "../core/chat.ts";
import type { ProfileName } from "../core/profile.ts";
import type { BindingCause, BoundModel } from "../core/bound_model.ts";
import { fingerprintOf, isContinued } from "../core/fingerprint.ts";

/** The most conversations that are kept; of more the one that rests longest is forgotten. */
const MAX_SESSIONS = 10_000;

/** Milliseconds for which a conversation is not given back to a model whose answer was too weak. */
const ESCALATION_MS = 600_000;

/** Milliseconds until a model that failed is tried again by a conversation: doubled with each failure. */
const FIRST_PROBE_MS = 30_000;
const MAX_PROBE_MS = 300_000;

/** A cache of longer life is not counted on, in milliseconds. */
const MAX_WARM_MS = 3_600_000;

/** A shorter input is not cached by all vendors, so that its absence says nothing, in tokens. */
const SURELY_CACHED_TOKENS = 4_096;

/** Where time and names come from. */
export interface SessionSources {
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Goes into each fingerprint, so that it can't be found by guessing texts. */
  readonly salt: string;
}

/** How a request of a conversation went. */
export interface SessionAnswer {
  /** Who answered. */
  readonly alias: string;
  /** Milliseconds that its prompt cache stays warm. */
  readonly warmMs: number;
  /** The tokens that it has read and written. */
  readonly tokens: number;
  /** Those of them that came from its cache; null: its server does not tell. */
  readonly cachedTokens: number | null;
  /** The profile by which it was chosen; null: unknown. */
  readonly profile: ProfileName | null;
  /** Whether the request went on with a conversation; another one may have begun alike. */
  readonly isContinued: boolean;
  /** For whom the request was too long. */
  readonly tooSmall: readonly string[];
  /** Another model's answer was too weak before. */
  readonly isEscalated: boolean;
  /** Who was to answer, and has failed now or a moment ago; null: nobody. */
  readonly failed: string | null;
}

/** What one model's prompt cache is taken to hold of a conversation. */
interface Cache {
  readonly tokens: number;
  readonly warmUntil: number;
}

interface Entry {
  readonly alias: string;
  readonly tooSmall: readonly string[];
  readonly profile: ProfileName | null;
  readonly cause: BindingCause;
  /** By alias: of the model that has the conversation, and of those that had it before. */
  readonly caches: ReadonlyMap<string, Cache>;
  readonly primary: string | null;
  /** Failures of the primary in a row. */
  readonly failures: number;
  /** Until when an escalation holds, or when the primary is tried again. */
  readonly until: number;
}

/** The conversations of a daemon. */
export class Sessions {
  readonly #sources: SessionSources;
  readonly #entries = new Map<string, Entry>();

  /** No conversation is known yet. */
  constructor(sources: SessionSources) {
    this.#sources = sources;
  }

  /** The key of the request's conversation; null when it has none. */
  keyOf(request: ChatRequest): string | null {
    return fingerprintOf(request, this.#sources.salt);
  }

  /** Who has the conversation that this request goes on with; null: nobody, or its binding has expired. */
  boundFor(key: string | null, request: ChatRequest): BoundModel | null {
    if (key === null || !isContinued(request)) return null;
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    const now = this.#sources.now();
    const { alias, primary, until, caches } = entry;
    if (isExpired(entry, now)) {
      this.#entries.delete(key);
      return null;
    }
    const { [alias]: cachedTokens = 0, ...cachedElsewhere } = countWarm(caches, now);
    const isOver = entry.cause === "escalation" && now > until;
    return {
      alias,
      cause: isOver ? "answer" : entry.cause,
      cachedTokens,
      primary,
      isProbeDue: entry.cause === "fault" && now >= until,
      profile: entry.profile,
      tooSmall: entry.tooSmall,
      cachedElsewhere,
    };
  }

  /** Notes who answered a request of the conversation. */
  note(key: string, answer: SessionAnswer): void {
    const now = this.#sources.now();
    const known = this.#entries.get(key);
    const isGone = known === undefined || !answer.isContinued || isExpired(known, now);
    const before = isGone ? undefined : known;
    const { alias, tokens, warmMs, profile } = answer;
    const cached = before?.caches.get(alias);
    const isUncached = cached !== undefined && now <= cached.warmUntil &&
      answer.cachedTokens === 0 && tokens >= SURELY_CACHED_TOKENS;
    const cache = {
      tokens: isUncached ? 0 : tokens,
      warmUntil: now + Math.min(warmMs, MAX_WARM_MS),
    };
    const caches = new Map([...before?.caches ?? [], [alias, cache]]);
    const tooSmall = [...new Set([...before?.tooSmall ?? [], ...answer.tooSmall])];
    this.#entries.delete(key);
    this.#entries.set(key, { ...bind(answer, { before, now }), alias, profile, tooSmall, caches });
    if (this.#entries.size <= MAX_SESSIONS) return;
    for (const oldest of this.#entries.keys()) return void this.#entries.delete(oldest);
  }
}

/** Whether nothing binds the conversation any more: its model's cache is cold, and no cause holds. */
function isExpired({ alias, caches, until }: Entry, now: number): boolean {
  return now > Math.max(caches.get(alias)?.warmUntil ?? 0, until);
}

/** By alias, the tokens in the caches that are warm. */
function countWarm(
  caches: ReadonlyMap<string, Cache>,
  now: number,
): Readonly<Record<string, number>> {
  const warm = [...caches].filter(([, { warmUntil }]) => now <= warmUntil);
  return Object.fromEntries(warm.map(([alias, { tokens }]) => [alias, tokens]));
}

type Bond = Pick<Entry, "cause" | "primary" | "failures" | "until">;

/** Why the conversation is with who answered, and how long that reason holds. */
function bind(
  answer: SessionAnswer,
  { before, now }: { readonly before: Entry | undefined; readonly now: number },
): Bond {
  const { alias, isEscalated, failed } = answer;
  const isKept = before !== undefined && before.alias === alias;
  if (failed !== null && failed !== alias) {
    const isAgain = before?.cause === "fault" && before.primary === failed;
    // Requests that came while it cooled down, or was not due, tell of no further failure.
    if (isAgain && now < before.until) return before;
    const failures = isAgain ? before.failures + 1 : 1;
    const probeMs = Math.min(FIRST_PROBE_MS * 2 ** (failures - 1), MAX_PROBE_MS);
    return { cause: "fault", primary: failed, failures, until: now + probeMs };
  }
  if (isEscalated) {
    return { cause: "escalation", primary: null, failures: 0, until: now + ESCALATION_MS };
  }
  if (isKept && (before.cause === "fault" || now < before.until)) return before;
  return { cause: "answer", primary: null, failures: 0, until: 0 };
}
