/** A request of the OpenAI dialect, as it goes over the wire. */

import type { JsonObject } from "../../src/core/json.ts";
import type { UpstreamCall } from "../../src/providers/adapter.ts";
import { openai } from "../../src/providers/openai.ts";

/** The body as the server reads it, and what was left out. Throws when the dialect refuses. */
export function encodeCall(
  call: UpstreamCall,
): { readonly body: JsonObject; readonly dropped: readonly string[] } {
  const result = openai.encodeRequest(call);
  if (result.type === "refused") throw new Error(result.fault.message);
  return { body: JSON.parse(JSON.stringify(result.body)), dropped: result.dropped };
}
