/** The model that has a conversation. */

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
}
