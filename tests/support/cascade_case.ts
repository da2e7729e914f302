/** Candidates at scripted upstreams, and a request to them. */

import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { type ExtraLines, TestDaemon, tomlFor } from "./daemon.ts";
import { type Got, readResponse } from "./got.ts";
import { type Script, Upstream } from "./upstream.ts";

/** A question that is routed by the rule. */
export const ASK: JsonObject = {
  "model": "auto",
  "messages": [{ "role": "user", "content": "What is the answer?" }],
};

/** The text of the spare's answer. */
export const SPARE_TEXT = "The spare's answer, which is long enough to be shown as it is.";

/** A line of `[cascade]`: a lone candidate that fails is not waited for. */
export const NO_WAIT = "max_wait_secs = 0";

/** The dialects. */
export const KINDS: readonly ProviderKind[] = ["openai", "anthropic", "ollama"];

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
export async function withLadder<T>(
  rungs: readonly Rung[],
  use: (ladder: Ladder) => Promise<T>,
  extra: ExtraLines = {},
): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const upstreams = rungs.map(({ kind, script }) => new Upstream(kind, script));
  stack.defer(() => disposeAll(upstreams));
  const models = rungs.map(({ kind, alias, model, provider = "" }, at) => ({
    alias,
    model: model ?? (kind === "anthropic" ? ANTHROPIC_MODEL : ""),
    provider,
    upstream: upstreams[at] ?? assert.fail("no upstream"),
  }));
  const daemon = stack.use(await TestDaemon.start(tomlFor(models, extra)));
  return await use({ upstreams, daemon });
}

/** Ends them together: each takes two milliseconds, and there are many. */
async function disposeAll(upstreams: readonly Upstream[]): Promise<void> {
  const ends = upstreams.map((upstream) => upstream[Symbol.asyncDispose]());
  await Promise.allSettled(ends);
  await Promise.all(ends);
}

const ANTHROPIC_MODEL = 'model_id = "claude-haiku-4-5"';

/** A candidate that answers. */
export const SPARE: Rung = {
  alias: "spare",
  kind: "openai",
  script: (exchange) => exchange.answer({ text: [SPARE_TEXT] }),
};

/** The first candidate, which a test scripts, and a spare that answers. */
export interface Cascade {
  readonly first: Upstream;
  readonly spare: Upstream;
  readonly daemon: TestDaemon;
}

/** Runs a test with two candidates: `first` by this script (or by hand), then the spare. */
export async function withCascade<T>(
  script: Script | null,
  use: (cascade: Cascade) => Promise<T>,
  /** `provider`: more lines of the first one's provider. */
  { provider = "", ...extra }: ExtraLines & { readonly provider?: string } = {},
): Promise<T> {
  const first: Rung = { alias: "first", kind: "openai", script, provider };
  return await withLadder([first, SPARE], ({ upstreams: [first, spare], daemon }) => {
    assert.ok(first && spare);
    return use({ first, spare, daemon });
  }, extra);
}

/** Sends a request, streamed or whole, and reads its response to the end. */
export async function askFor(
  daemon: TestDaemon,
  stream: boolean,
  fields: JsonObject = {},
): Promise<Got> {
  return await readResponse(await daemon.chat({ ...ASK, ...fields, stream }));
}

/** The outcomes of the attempts, in order. */
export async function outcomesOf(daemon: TestDaemon, count = 1): Promise<readonly string[]> {
  const { attempts } = await daemon.ledger(count);
  return attempts.map((row) => `${row["alias"]}:${row["outcome"]}`);
}
