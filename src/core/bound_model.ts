/** The model that has a conversation. */

import type { ProfileName } from "./profile.ts";

/** Why a conversation is with its model: it answered last, or another failed or was too weak before. */
export type BindingCause = "answer" | "fault" | "escalation";

/** The model that has a conversation. */
export interface BoundModel {
  readonly alias: string;
  readonly cause: BindingCause;
  /** Tokens of the conversation that its prompt cache is taken to hold. */
  readonly cachedTokens: number;
  /** Of a fault: who had the conversation before, and is to have it again. */
  readonly primary: string | null;
  /** Whether it is time to try that one again. */
  readonly isProbeDue: boolean;
  /** The profile by which it was chosen; null: unknown. */
  readonly profile?: ProfileName | null;
  /** Whom the conversation was too long for already: it grows only. */
  readonly tooSmall?: readonly string[];
  /** By alias, the tokens that the caches of models which had it before are taken to hold still. */
  readonly cachedElsewhere?: Readonly<Record<string, number>>;
}

/** Tokens of the conversation that the model's prompt cache is taken to hold. */
export function cachedTokensAt(bound: BoundModel | null | undefined, alias: string): number {
  if (bound === null || bound === undefined) return 0;
  if (bound.alias === alias) return bound.cachedTokens;
  const others = bound.cachedElsewhere ?? {};
  return Object.hasOwn(others, alias) ? others[alias] ?? 0 : 0;
}
