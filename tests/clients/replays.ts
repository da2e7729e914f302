/** Clients that npm does not have: what they send, by their sources, is sent to what the README names. */

import assert from "node:assert/strict";
import type { Bench } from "./bench.ts";
import { adaptConfig, type ClientConfigs, findSpan } from "./readme.ts";
import { askFor, OK_TEXT } from "./drivers/scenario.ts";
import { CLIENT_KEY } from "./strict.ts";
import type { Result } from "./table.ts";

/** Where a client sends, as its configuration in the README says. */
interface Target {
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
}

/** A request that a client sends, and what its answer must be. */
interface Replay {
  readonly name: string;
  /** By a GET when there is no body. */
  readonly path: string;
  readonly body?: (model: string) => Readonly<Record<string, unknown>>;
  check(answer: Answer): void;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** A client that is replayed. */
export interface ReplayedClient {
  readonly name: string;
  /** How `--only` calls it. */
  readonly id: string;
  /** Its name in the README. */
  readonly readme: string;
  target(configs: ClientConfigs, address: string): Target;
  readonly replays: readonly Replay[];
}

const user = (content: unknown) => ({ role: "user", content });
const system = (content: unknown) => ({ role: "system", content });
const marked = (text: string) => [{
  type: "text",
  text,
  "cache_control": { type: "ephemeral" },
}];

const CHAT = "/chat/completions";

const AIDER: ReplayedClient = {
  name: "Aider (replay)",
  id: "aider",
  readme: "Aider",
  target(configs, address) {
    const span = findSpan(configs, "Aider", "OPENAI_API_BASE=");
    const line = adaptConfig(span, { address, key: CLIENT_KEY });
    const [, baseUrl = "", key = "", model = ""] =
      /^OPENAI_API_BASE=(\S+) OPENAI_API_KEY=(\S+) aider --model openai\/(\S+)$/
        .exec(line) ?? [];
    return { baseUrl, key, model };
  },
  replays: [
    {
      name: "streamed turn",
      path: CHAT,
      body: (model) => ({
        model,
        messages: [system("Act as a developer."), user(askFor("ok"))],
        temperature: 0,
        stream: true,
      }),
      check: checkStream,
    },
    {
      name: "marks of the cache",
      path: CHAT,
      body: (model) => ({
        model,
        messages: [system(marked("Act as a developer.")), user(marked(askFor("ok")))],
        temperature: 0,
        stream: true,
      }),
      check: checkStream,
    },
    {
      name: "continued answer (prefix)",
      path: CHAT,
      body: (model) => ({
        model,
        messages: [
          user(askFor("ok")),
          { role: "assistant", content: "The first half of", prefix: true },
        ],
        temperature: 0,
        stream: true,
      }),
      check: checkStream,
    },
    {
      name: "commit message, not streamed",
      path: CHAT,
      body: (model) => ({
        model,
        messages: [system("Write a commit message."), user(askFor("ok"))],
        temperature: 0,
      }),
      check: checkWhole,
    },
  ],
};

const OPEN_WEBUI: ReplayedClient = {
  name: "Open WebUI (replay)",
  id: "open-webui",
  readme: "Open WebUI",
  target(configs, address) {
    findSpan(configs, "Open WebUI", "OPENAI_API_BASE_URLS"); // the base URL is that of the section
    const span = `${configs.baseUrl} -k local`;
    const [baseUrl = "", , key = ""] = adaptConfig(span, {
      address,
      key: CLIENT_KEY,
    }).split(" ");
    return { baseUrl, key, model: "auto" };
  },
  replays: [
    {
      name: "models",
      path: "/models",
      check({ status, text }) {
        assert.equal(status, 200, text);
        const { data } = JSON.parse(text);
        assert.ok(data.some(({ id }: { readonly id: string }) => id === "auto"), text);
      },
    },
    {
      name: "streamed chat",
      path: CHAT,
      body: (model) => ({
        model,
        messages: [user(askFor("ok"))],
        stream: true,
        "stream_options": { "include_usage": true },
      }),
      check(answer) {
        checkStream(answer);
        assert.match(answer.text, /"total_tokens":168/);
      },
    },
    {
      name: "title of a chat",
      path: CHAT,
      body: (model) => ({
        model,
        messages: [user(askFor("ok"))],
        stream: false,
        "max_completion_tokens": 1000,
      }),
      check: checkWhole,
    },
  ],
};

/** All clients that are replayed. */
export const REPLAYED: readonly ReplayedClient[] = [AIDER, OPEN_WEBUI];

function checkStream({ status, type, text }: Answer): void {
  assert.equal(status, 200, text);
  assert.match(type, /^text\/event-stream/);
  const deltas = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, data = ""]) => JSON.parse(data));
  const content = deltas.map((chunk) => chunk.choices[0]?.delta?.content ?? "")
    .join("");
  assert.equal(content, OK_TEXT);
  assert.match(text, /^data: \[DONE\]$/m);
}

function checkWhole({ status, text }: Answer): void {
  assert.equal(status, 200, text);
  assert.equal(JSON.parse(text).choices[0].message.content, OK_TEXT);
}

/** Sends all that a client sends. */
export async function runReplays(client: ReplayedClient, bench: Bench): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const replay of client.replays) {
    const row = {
      client: client.name,
      name: replay.name,
      dialect: bench.dialect,
    };
    const reason = await runReplay(client, replay, bench)
      .then(() => "", (error: unknown) => error instanceof Error ? error.message : String(error));
    results.push({ ...row, outcome: reason === "" ? "ok" : "FAILED", reason });
  }
  return results;
}

async function runReplay(client: ReplayedClient, replay: Replay, bench: Bench): Promise<void> {
  const { baseUrl, key, model } = client.target(bench.workshop.configs, bench.address);
  const response = await fetch(`${baseUrl}${replay.path}`, {
    headers: {
      "authorization": `Bearer ${key}`,
      "content-type": "application/json",
    },
    signal: AbortSignal.timeout(20_000),
    ...(replay.body === undefined
      ? {}
      : { method: "POST", body: JSON.stringify(replay.body(model)) }),
  });
  replay.check({
    status: response.status,
    type: response.headers.get("content-type") ?? "",
    text: await response.text(),
  });
}
