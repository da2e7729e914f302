/** What each dialect does with a request. */

import type { ProviderKind } from "../../src/core/provider.ts";
import { ADAPTERS } from "../../src/providers/mod.ts";
import { callOf, modelOf, providerOf } from "../support/openai_call.ts";
import type { FieldSample } from "./field_samples.ts";

/** A column of the README's tables. */
export interface Column {
  readonly title: string;
  readonly kind: ProviderKind;
  readonly baseUrl: string;
  readonly modelId: string;
}

/** The columns, each with a server that stands for it. */
export const COLUMNS: readonly Column[] = [
  { title: "OpenAI", kind: "openai", baseUrl: "https://api.openai.com", modelId: "gpt-4.1" },
  {
    title: "servers like it",
    kind: "openai",
    baseUrl: "http://127.0.0.1:8000/v1",
    modelId: "qwen3",
  },
  {
    title: "Anthropic",
    kind: "anthropic",
    baseUrl: "https://api.anthropic.com",
    modelId: "claude-sonnet-4-5",
  },
  { title: "Ollama", kind: "ollama", baseUrl: "http://127.0.0.1:11434", modelId: "qwen3" },
];

/** What becomes of a field. */
export interface Outcome {
  /** Whether it is refused, dropped (and reported), or reaches the server in some form. */
  readonly type: "refused" | "dropped" | "kept";
  /** The body that is sent, as JSON; empty when it is refused. */
  readonly body: string;
}

/** What becomes of the watched field at this server. */
export function outcomeOf({ fields, field }: FieldSample, column: Column): Outcome {
  const { kind, baseUrl, modelId } = column;
  const encoded = ADAPTERS[kind].encodeRequest(callOf(fields, {
    model: { ...modelOf(modelId), maxOutputTokens: 64_000, contextWindow: 200_000 },
    provider: providerOf(baseUrl, { kind }),
    stream: fields["stream"] === true,
  }));
  if (encoded.type === "refused") return { type: "refused", body: "" };
  const isDropped = encoded.dropped.some((path) => isWithin(path, field));
  return { type: isDropped ? "dropped" : "kept", body: JSON.stringify(encoded.body) };
}

function isWithin(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
}
