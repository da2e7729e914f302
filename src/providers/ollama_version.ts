/** Which Ollama servers cut prompts in silence: https://docs.ollama.com/api-reference/get-version */

import { stringAt } from "../core/json.ts";
import { endpointRoot } from "../core/provider.ts";
import type { DoubtQuery } from "./adapter.ts";
import { bearerHeaders } from "./bearer.ts";

/** From this version on `truncate: false` is obeyed. */
const FIRST_THAT_REFUSES = [0, 12, 4] as const;

/** Asks by `GET /api/version`. */
export const doubtQuery: DoubtQuery = {
  encodeRequest: (provider) => ({
    url: `${endpointRoot(provider)}/version`,
    headers: bearerHeaders(provider),
  }),
  isFounded: (body) => cutsLongPrompts(stringAt(body, "version") ?? ""),
};

/** Null where the version says nothing: builds of one's own call themselves 0.0.0. */
function cutsLongPrompts(version: string): boolean | null {
  const [, ...parts] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  const numbers = parts.map(Number);
  if (numbers.every((number) => number === 0)) return null;
  const differing = FIRST_THAT_REFUSES.findIndex((number, index) => number !== numbers[index]);
  return differing !== -1 && (numbers[differing] ?? 0) < (FIRST_THAT_REFUSES[differing] ?? 0);
}
