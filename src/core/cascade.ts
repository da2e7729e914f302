/** The cascade: what to do next, told from what has been done so far. */

/** `[cascade]`. */
export interface CascadeSettings {
  /** Whether faults lead to the next candidate. */
  readonly onHttpError: boolean;
  /** Whether an answer of fewer than `minOutputTokens` is weak. */
  readonly onShortResponse: boolean;
  readonly minOutputTokens: number;
  /** A model that can't answer well starts its answer with this; null: no marker. */
  readonly onMarker: string | null;
  /** `auto` holds a stream only until it can be judged, `full` until it has ended. */
  readonly streamHold: "auto" | "full";
  /** Whether reasoning reaches the client before the answer is judged. */
  readonly reasoning: "live" | "hold";
}
