/** A cascade of two or more scripted upstreams, as the tests of the engine use it. */

import type { JsonObject } from "../../src/core/json.ts";
import { type ExtraLines, TestDaemon, type TestModel, tomlFor } from "./daemon.ts";
import { SseClient } from "./sse_client.ts";
import type { Exchange } from "./upstream.ts";
import { Upstream } from "./upstream.ts";

/** A question that is routed by the rule. */
export const ASK: JsonObject = {
  "model": "auto",
  "messages": [{ "role": "user", "content": "What is the answer?" }],
};

/** The text of the second candidate's answer. */
export const SPARE_TEXT = "The spare's answer, which is long enough to be shown as it is.";

/** The first candidate, which a test scripts, and a spare that answers. */
export interface Cascade {
  readonly first: Upstream;
  readonly spare: Upstream;
  readonly daemon: TestDaemon;
}

/** What differs from a plain cascade of OpenAI's dialect. */
export interface CascadeOptions extends ExtraLines {
  /** More lines of the candidates' providers. */
  readonly provider?: string;
  readonly models?: Partial<Pick<TestModel, "model">>;
}

/** Runs a test with two candidates: `first` by this script (or by hand), then `spare`. */
export async function withCascade(
  script: ((exchange: Exchange, position: number) => Promise<void>) | null,
  use: (cascade: Cascade) => Promise<void>,
  options: CascadeOptions = {},
): Promise<void> {
  await using first = new Upstream("openai", script);
  await using spare = new Upstream("openai", (exchange) => exchange.answer({ text: [SPARE_TEXT] }));
  const { provider = "", ...extra } = options;
  const models = [{ alias: "first", upstream: first }, { alias: "spare", upstream: spare }];
  const toml = tomlFor(models.map((model) => ({ ...model, provider })), extra);
  await using daemon = await TestDaemon.start(toml);
  await use({ first, spare, daemon });
}

/** What a client got. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  /** The text of the answer; "" when there is none. */
  readonly text: string;
  /** The error, in the body or in the stream. */
  readonly error: Readonly<Record<string, unknown>> | null;
  readonly finish: string | null;
  /** All bytes of the body. */
  readonly raw: string;
}

/** Sends a request, streamed or whole, and reads its response to the end. */
export async function askFor(
  daemon: TestDaemon,
  stream: boolean,
  fields: JsonObject = {},
): Promise<Got> {
  const response = await daemon.chat({ ...ASK, ...fields, stream });
  const { status, headers } = response;
  const type = headers.get("content-type") ?? "";
  if (!type.startsWith("text/event-stream")) return readWhole(response, await response.text());
  const client = new SseClient(response);
  const parts = (await client.readAll()).filter((data) => data.startsWith("{"))
    .map((data) => JSON.parse(data));
  const choices = parts.flatMap((part) => part.choices?.[0] ?? []);
  return {
    status,
    headers,
    text: choices.map((choice) => choice.delta.content ?? "").join(""),
    error: parts.find((part) => part.error)?.error ?? null,
    finish: choices.find((choice) => choice["finish_reason"])?.["finish_reason"] ?? null,
    raw: client.raw,
  };
}

function readWhole({ status, headers }: Response, raw: string): Got {
  const body = JSON.parse(raw);
  const choice = body.choices?.[0];
  const error = body.error ?? null;
  const finish = choice?.["finish_reason"] ?? null;
  return { status, headers, text: choice?.message.content ?? "", error, finish, raw };
}

/** The outcomes of the attempts, in order. */
export async function outcomesOf(daemon: TestDaemon, count = 1): Promise<readonly string[]> {
  const { attempts } = await daemon.ledger(count);
  return attempts.map((row) => `${row["alias"]}:${row["outcome"]}`);
}
