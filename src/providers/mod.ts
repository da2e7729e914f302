/** THE TABLE of dialects. */

import type { ProviderKind } from "../core/provider.ts";
import type { Adapter } from "./adapter.ts";
import { anthropic } from "./anthropic.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";

/** Dialect -> adapter. */
export const ADAPTERS: Readonly<Record<ProviderKind, Adapter>> = { openai, anthropic, ollama };
