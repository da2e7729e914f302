/** Builders for the tests of the simulated providers. */

import type { JsonObject } from "../../src/core/json.ts";
import { type PersonaName, PERSONAS } from "../../src/demo/persona.ts";
import type { Wait } from "../../src/demo/simulated_provider.ts";
import {
  type SimulatedProviders,
  startSimulatedProviders,
} from "../../src/demo/simulated_providers.ts";

/** A request to a simulated provider. */
export interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

/** A valid request in the persona's wire. */
export function sentTo(name: PersonaName, fields: JsonObject = {}): Sent {
  const { dialect, modelId } = PERSONAS[name];
  const body = {
    "model": modelId,
    "messages": [{ "role": "user", "content": "What is the capital of France?" }],
    ...(dialect === "anthropic" ? { "max_tokens": 100 } : {}),
    ...(dialect === "ollama" ? { "stream": false } : {}),
    ...fields,
  };
  return { ...ENDPOINTS[dialect], body };
}

const ENDPOINTS = {
  openai: { path: "/v1/chat/completions", headers: { "authorization": "Bearer demo" } },
  anthropic: {
    path: "/v1/messages",
    headers: { "x-api-key": "demo", "anthropic-version": "2023-06-01" },
  },
  ollama: { path: "/api/chat", headers: {} },
} as const;

/** Starts the providers, whose pauses pass at once unless `wait` says otherwise, and ends them after use. */
export async function withProviders(
  use: (providers: SimulatedProviders) => Promise<void>,
  wait: Wait = () => Promise.resolve(),
): Promise<void> {
  const ending = new AbortController();
  const providers = startSimulatedProviders({ signal: ending.signal, wait });
  try {
    await use(providers);
  } finally {
    ending.abort();
    await providers.finished;
  }
}

/** Posts a request to the named provider. */
export function post(
  providers: SimulatedProviders,
  name: PersonaName,
  sent: Sent = sentTo(name),
): Promise<Response> {
  return fetch(providers.endpoints[name].baseUrl + sent.path, {
    method: "POST",
    headers: { "content-type": "application/json", ...sent.headers },
    body: JSON.stringify(sent.body),
  });
}

/** The value at a path of keys and indices. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), value);
}

/** The JSON objects of an SSE or NDJSON body. */
export function readLines(text: string): readonly unknown[] {
  return text.split("\n").map((line) => line.replace(/^data: /, "")).filter((line) =>
    line.startsWith("{")
  ).map((line) => JSON.parse(line));
}
