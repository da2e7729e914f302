/** How much to reason, for a server that knows OpenAI's own word for it alone. */

import { readReasoning, REASONING_FIELDS } from "../core/reasoning.ts";
import type { UpstreamCall } from "./adapter.ts";

/** The reasoning of a request in OpenAI's words. */
export interface ReasoningSetup {
  /** Undefined: not sent. */
  readonly effort: string | undefined;
  /** The request's fields that are not said by it. */
  readonly dropped: readonly string[];
}

/** Models of OpenAI's that never reason, and refuse to be told how much. */
const PLAIN_MODEL = /(?:^|\/)gpt-(?:3|4)(?!\d)/;

/**
 * Translates whichever field says how much to reason. What the client said in OpenAI's own words is
 * left to the model; a translation is not tried on a model that is known to refuse it.
 */
export function encodeReasoning({ request, model, refusedFields }: UpstreamCall): ReasoningSetup {
  const present = REASONING_FIELDS.filter((field) => (request[field] ?? null) !== null);
  if (present.length === 0) return { effort: undefined, dropped: [] };
  const wish = readReasoning(request);
  if (wish === null) return { effort: undefined, dropped: present };
  const others = present.filter((field) => !wish.fields.includes(field));
  if (wish.field === "reasoning_effort") return { effort: wish.level, dropped: others };
  const isRefused = PLAIN_MODEL.test(model.modelId) || refusedFields.has("reasoning_effort");
  if (!isRefused) return { effort: wish.level, dropped: others };
  const isGranted = PLAIN_MODEL.test(model.modelId) && wish.level === "none";
  return { effort: undefined, dropped: isGranted ? others : present };
}
