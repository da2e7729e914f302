/** The policy: which models can take a request, and in what order they should. */

/** The names of the profiles; `PROFILES` says what each does. */
export const PROFILE_NAMES = ["local-first", "balanced", "best-quality", "cloud-only"] as const;

/** A way to choose among models. */
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** `[routing]`. */
export interface RoutingSettings {
  readonly profile: ProfileName;
  /** Whether requests that the policy routes have candidates after the first. */
  readonly autoCascade: boolean;
  /** The most candidates after the first. */
  readonly maxPolicyFallbacks: number;
  /** What happens to a `model` that is no alias: routed as `auto`, or refused with 404. */
  readonly unknownModel: "auto" | "reject";
}
