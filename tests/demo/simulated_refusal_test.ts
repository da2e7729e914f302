import assert from "node:assert/strict";
import type { PersonaName } from "../../src/demo/persona.ts";
import { at, post, type Sent, sentTo, withProviders } from "../support/simulated_case.ts";

interface RefusalCase {
  readonly what: string;
  readonly name: PersonaName;
  readonly sent: Sent;
  readonly status: number;
  readonly path: readonly string[];
  readonly message: RegExp;
}

const REFUSALS: readonly RefusalCase[] = [
  {
    what: "an OpenAI request without a key",
    name: "cloud",
    sent: { ...sentTo("cloud"), headers: {} },
    status: 401,
    path: ["error", "message"],
    message: /API key/,
  },
  {
    what: "an OpenAI request without messages",
    name: "cloud",
    sent: sentTo("cloud", { "messages": [] }),
    status: 400,
    path: ["error", "message"],
    message: /messages/,
  },
  {
    what: "an Anthropic request without a key",
    name: "claude",
    sent: { ...sentTo("claude"), headers: { "anthropic-version": "2023-06-01" } },
    status: 401,
    path: ["error", "message"],
    message: /x-api-key/,
  },
  {
    what: "an Anthropic request without max_tokens",
    name: "claude",
    sent: sentTo("claude", { "max_tokens": null }),
    status: 400,
    path: ["error", "message"],
    message: /^max_tokens/,
  },
  {
    what: "an Anthropic request with two user messages in a row",
    name: "claude",
    sent: sentTo("claude", {
      "messages": [{ "role": "user", "content": "a" }, { "role": "user", "content": "b" }],
    }),
    status: 400,
    path: ["error", "message"],
    message: /alternate/,
  },
  {
    what: "an Ollama message whose content is a list",
    name: "local",
    sent: sentTo("local", { "messages": [{ "role": "user", "content": [] }] }),
    status: 400,
    path: ["error"],
    message: /messages\.content of type string/,
  },
  {
    what: "an Ollama call whose arguments are text",
    name: "local",
    sent: sentTo("local", {
      "messages": [{
        "role": "assistant",
        "content": "",
        "tool_calls": [{ "function": { "name": "f", "arguments": "{}" } }],
      }],
    }),
    status: 400,
    path: ["error"],
    message: /function\.arguments/,
  },
  {
    what: "a model that Ollama has not",
    name: "local",
    sent: sentTo("local", { "model": "nope" }),
    status: 404,
    path: ["error"],
    message: /^model 'nope' not found$/,
  },
  {
    what: "any request when it is overloaded",
    name: "failing",
    sent: sentTo("failing", { "stream": true }),
    status: 503,
    path: ["error", "message"],
    message: /overloaded/,
  },
];

for (const { what, name, sent, status, path, message } of REFUSALS) {
  Deno.test(`the simulated provider "${name}" refuses ${what}`, async () => {
    await withProviders(async (providers) => {
      const response = await post(providers, name, sent);
      assert.equal(response.status, status);
      assert.match(String(at(await response.json(), ...path)), message);
    });
  });
}
