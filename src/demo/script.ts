/** The requests that the demo sends, and what each of them shows. */

import type { JsonObject } from "../core/json.ts";

/** One request of the demo. */
export interface DemoRequest {
  /** What it shows. */
  readonly title: string;
  /** What the reader should look at. */
  readonly note: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

const WEATHER_TOOL = {
  "type": "function",
  "function": {
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {
      "type": "object",
      "properties": { "city": { "type": "string" } },
      "required": ["city"],
    },
  },
};

function ask(prompt: string, fields: JsonObject = {}): JsonObject {
  return { "model": "auto", "messages": [{ "role": "user", "content": prompt }], ...fields };
}

/** THE TABLE of the demo's requests, in order. */
export const DEMO_REQUESTS: readonly DemoRequest[] = [
  {
    title: "A rule",
    note: 'the client names a model in a header, and the rule "by-header" obeys',
    headers: { "x-pirouter-route": "cloud" },
    body: ask("What does a router do?"),
  },
  {
    title: "A cheap route",
    note: "an easy question stays on this machine: the policy finds the local model good enough",
    headers: {},
    body: ask("What is the capital of France?"),
  },
  {
    title: "A hard route",
    note: "the same client, a harder question: only a strong model is adequate",
    headers: {},
    body: ask(
      "Prove that the algorithm below is correct, design a distributed version of it, analyze " +
        "the trade-offs step by step, and find the root cause of its race condition.",
    ),
  },
  {
    title: "A tool call",
    note: "tools go to a model that supports them, and the call comes back whole",
    headers: { "x-pirouter-difficulty": "standard" },
    body: ask("What is the weather in Oslo?", { "tools": [WEATHER_TOOL] }),
  },
  {
    title: "A fallback",
    note:
      "the cheapest adequate model is overloaded: the next one answers, the client sees no error",
    headers: { "x-pirouter-difficulty": "standard" },
    body: ask("Summarize why routers keep a ledger."),
  },
  {
    title: "An escalation",
    note: "the weak model gives up with <escalate/>: not a byte of that reaches the client",
    headers: {},
    body: ask("Draft a haiku about routers.", { "stream": true }),
  },
  {
    title: "A stream, token by token",
    note: "each token is printed when it arrives, with the milliseconds since the request",
    headers: { "x-pirouter-route": "slow" },
    body: ask("Tell me slowly what streaming is.", {
      "stream": true,
      "stream_options": { "include_usage": true },
    }),
  },
];
