/** A cascade of two or more scripted upstreams, as the tests of the engine use it. */

import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { type ExtraLines, TestDaemon, type TestModel, tomlFor } from "./daemon.ts";
import { SseClient } from "./sse_client.ts";
import type { Exchange, Script } from "./upstream.ts";
import { Upstream } from "./upstream.ts";

/** A question that is routed by the rule. */
export const ASK: JsonObject = {
  "model": "auto",
  "messages": [{ "role": "user", "content": "What is the answer?" }],
};

/** The text of the second candidate's answer. */
export const SPARE_TEXT = "The spare's answer, which is long enough to be shown as it is.";

/** A line of `[cascade]`: a lone candidate that fails is not waited for. */
export const NO_WAIT = "max_wait_secs = 0";

/** The dialects. */
export const KINDS: readonly ProviderKind[] = ["openai", "anthropic", "ollama"];

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

/** One of several candidates. */
export interface Rung {
  readonly alias: string;
  readonly kind: ProviderKind;
  /** Null: the test takes each exchange by hand. */
  readonly script: Script | null;
  /** More lines of its `[models.<alias>]`, of its provider's section. */
  readonly model?: string;
  readonly provider?: string;
}

/** Candidates that are asked in their order. */
export interface Ladder {
  readonly upstreams: readonly Upstream[];
  readonly daemon: TestDaemon;
}

/** Runs a test with these candidates, of any dialect. */
export async function withLadder(
  rungs: readonly Rung[],
  use: (ladder: Ladder) => Promise<void>,
  extra: ExtraLines = {},
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const models = rungs.map(({ kind, script, ...rung }) => {
    const model = kind === "anthropic" ? ANTHROPIC_MODEL : "";
    return { model, ...rung, upstream: stack.use(new Upstream(kind, script)) };
  });
  const daemon = stack.use(await TestDaemon.start(tomlFor(models, extra)));
  await use({ upstreams: models.map(({ upstream }) => upstream), daemon });
}

const ANTHROPIC_MODEL = 'model_id = "claude-haiku-4-5"';

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
  await client.readAll();
  return readStream({ status, headers }, client.raw);
}

/** What a head and the bytes after it are to a client; a stream may have been left anywhere. */
export function readGot(head: Pick<Got, "status" | "headers">, raw: string): Got {
  const type = head.headers.get("content-type") ?? "";
  return type.startsWith("text/event-stream") ? readStream(head, raw) : readWhole(head, raw);
}

function readStream({ status, headers }: Pick<Got, "status" | "headers">, raw: string): Got {
  const parts = readParts(raw).map((data) => JSON.parse(data));
  const choices = parts.flatMap((part) => part.choices?.[0] ?? []);
  return {
    status,
    headers,
    text: choices.map((choice) => choice.delta.content ?? "").join(""),
    error: parts.find((part) => part.error)?.error ?? null,
    finish: choices.find((choice) => choice["finish_reason"])?.["finish_reason"] ?? null,
    raw,
  };
}

/** The JSON texts of a stream's events; one that has not come whole is none. */
export function readParts(raw: string): readonly string[] {
  return raw.split("\n\n").slice(0, -1).map((block) => block.replace(/^data: /, ""))
    .filter((data) => data.startsWith("{"));
}

function readWhole({ status, headers }: Pick<Got, "status" | "headers">, raw: string): Got {
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
