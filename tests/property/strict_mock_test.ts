import assert from "node:assert/strict";
import { type JsonObject, stringAt } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { TestDaemon, type TestModel, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { readResponse } from "../support/got.ts";
import { sampleRequests } from "../support/random_request.ts";
import { HAS_STRICT_MOCK, StrictMock } from "../support/strict_mock.ts";

const HISTORY_COUNT = 2000;
const AT_A_TIME = 8;
const LIMIT_MS = 60_000;

/** The answer is one delta at once: its name is the last segment of a model's id. */
const SCENARIO = "one-chunk";

/** A model of the mock's, under the rules that its vendor has for this id. */
interface MockModel {
  readonly alias: string;
  readonly kind: ProviderKind;
  readonly modelId: string;
}

const STRICT_OPENAI =
  'compat = { strict = true, developer_role = true, max_tokens_field = "max_completion_tokens" }';

const MODELS: readonly MockModel[] = [
  { alias: "gpt", kind: "openai", modelId: "gpt-4o" },
  { alias: "gpt-reasoning", kind: "openai", modelId: "gpt-5.5" },
  { alias: "claude-old", kind: "anthropic", modelId: "claude-3-5-haiku-20241022" },
  { alias: "claude-budget", kind: "anthropic", modelId: "claude-haiku-4-5" },
  { alias: "claude-adaptive", kind: "anthropic", modelId: "claude-sonnet-4-6" },
  { alias: "claude-newest", kind: "anthropic", modelId: "claude-opus-5-5" },
  { alias: "local", kind: "ollama", modelId: "qwen3" },
];

/** Why pirouter may refuse a request itself. */
const ALLOWED_REFUSALS = /one answer a request|input_audio|images as base64 data alone/;

function testModel({ alias, kind, modelId }: MockModel, baseUrl: string): TestModel {
  return {
    alias,
    upstream: { kind, baseUrl },
    model: `model_id = "${modelId}/${SCENARIO}"`,
    provider: kind === "openai" ? STRICT_OPENAI : "",
  };
}

/** Sends the bodies, some at a time; what failed in another way than an allowed refusal. */
async function sendAll(
  daemon: TestDaemon,
  bodies: readonly JsonObject[],
): Promise<readonly string[]> {
  const failures: string[] = [];
  const queue = bodies.values();
  const send = async () => {
    for (const body of queue) {
      const got = await readResponse(await daemon.chat(body));
      const isGood = got.status === 200 && got.error === null;
      const reason = stringAt(got.error ?? {}, "message") ?? got.raw;
      if (!isGood && !ALLOWED_REFUSALS.test(reason)) failures.push(`${got.status} ${reason}`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, send));
  return failures;
}

const NAME = `the strict upstreams refuse none of ${HISTORY_COUNT} random conversations`;

timedTest(HAS_STRICT_MOCK ? NAME : `${NAME} (skipped: no ../shared/upstreams)`, async () => {
  await using mock = await StrictMock.start();
  const models = MODELS.map((model) => testModel(model, mock.baseUrl));
  await using daemon = await TestDaemon.start(tomlFor(models, { rules: "" }));
  const share = Math.ceil(HISTORY_COUNT / MODELS.length);
  const requests = sampleRequests(share * MODELS.length, 4711);
  const report: string[] = [];
  for (const [position, { alias }] of MODELS.entries()) {
    const own = requests.slice(position * share, (position + 1) * share);
    const failures = await sendAll(daemon, own.map((body) => ({ ...body, "model": alias })));
    const records = await mock.takeRecords();
    assert.ok(records.length > share / 2, `${alias} was asked ${records.length} times`);
    const refused = records.filter((record) => record.objections.length > 0);
    const objections = refused.flatMap((record) => record.objections);
    report.push(...new Set(objections.map((objection) => `${alias}: ${objection}`)));
    if (refused.length > 0) continue;
    report.push(...new Set(failures.map((failure) => `${alias}: ${failure}`)));
  }
  assert.deepEqual(report, []);
}, { limitMs: LIMIT_MS, ignore: !HAS_STRICT_MOCK });
