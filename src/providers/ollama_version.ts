/** Which Ollama servers cut prompts in silence: https://docs.ollama.com/api-reference/get-version */

import { stringAt } from "../core/json.ts";
import { endpointRoot } from "../core/provider.ts";
import type { DoubtQuery } from "./adapter.ts";

/** From this version on `truncate: false` is obeyed. */
const FIRST_THAT_REFUSES = [0, 12, 4] as const;

/** Asks by `GET /api/version`. */
export const doubtQuery: DoubtQuery = {
  encodeRequest: (provider) => ({
    url: `${endpointRoot(provider)}/version`,
    headers: provider.apiKey === null
      ? {}
      : { "authorization": `Bearer ${provider.apiKey.reveal()}` },
  }),
  isUnfounded: (body) => refusesLongPrompts(stringAt(body, "version") ?? ""),
};

function refusesLongPrompts(version: string): boolean {
  const [, ...parts] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  const numbers = parts.map(Number);
  const differing = FIRST_THAT_REFUSES.findIndex((number, index) => number !== numbers[index]);
  if (numbers.length === 0) return false;
  return differing === -1 || (numbers[differing] ?? 0) > (FIRST_THAT_REFUSES[differing] ?? 0);
}
