import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import type { Row } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import { withVariants } from "../support/variant_case.ts";

const TEXT = "Nine words of text are enough for an estimate.";

const USAGE = { "prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18 };

/** How a stream tells its usage; `told` is what the client must then see, null for an estimate. */
interface UsageCase {
  readonly name: string;
  readonly kind: ProviderKind;
  readonly events: readonly JsonObject[];
  readonly told: { readonly input: number; readonly output: number } | null;
}

const say = (content: string, fields: JsonObject = {}): JsonObject => ({
  "choices": [{ "index": 0, "delta": { content } }],
  ...fields,
});

const finish = (fields: JsonObject = {}): JsonObject => ({
  "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }],
  ...fields,
});

const TOLD = { input: 11, output: 7 };

const OPENAI_CASES: readonly Omit<UsageCase, "kind">[] = [
  {
    name: "a last chunk with empty choices",
    events: [say(TEXT), finish(), { "choices": [], "usage": USAGE }],
    told: TOLD,
  },
  {
    name: "a last chunk without choices",
    events: [say(TEXT), finish(), { "usage": USAGE }],
    told: TOLD,
  },
  {
    name: "a last chunk whose choices are null",
    events: [say(TEXT), finish(), { "choices": null, "usage": USAGE }],
    told: TOLD,
  },
  {
    name: "usage beside the finish reason",
    events: [say(TEXT), finish({ "usage": USAGE })],
    told: TOLD,
  },
  {
    name: "usage in every chunk, the last one counts",
    events: [
      say(TEXT, { "usage": { "prompt_tokens": 11, "completion_tokens": 1, "total_tokens": 12 } }),
      finish({ "usage": { "prompt_tokens": 11, "completion_tokens": 2, "total_tokens": 13 } }),
      { "choices": [], "usage": USAGE },
    ],
    told: TOLD,
  },
  {
    name: "usage before the text",
    events: [{ "choices": [], "usage": USAGE }, say(TEXT), finish()],
    told: TOLD,
  },
  {
    name: "usage null in every chunk",
    events: [say(TEXT, { "usage": null }), finish({ "usage": null })],
    told: null,
  },
  { name: "no usage", events: [say(TEXT), finish()], told: null },
];

const CASES: readonly UsageCase[] = [
  ...OPENAI_CASES.map((one) => ({ ...one, kind: "openai" as const })),
  {
    name: "counts at the start and the end",
    kind: "anthropic",
    events: anthropicEvents({ "input_tokens": 11, "output_tokens": 1 }, { "output_tokens": 7 }),
    told: TOLD,
  },
  {
    name: "all counts at the end",
    kind: "anthropic",
    events: anthropicEvents({}, { "input_tokens": 11, "output_tokens": 7 }),
    told: TOLD,
  },
  { name: "no usage", kind: "anthropic", events: anthropicEvents(null, null), told: null },
  {
    name: "counts in the last line",
    kind: "ollama",
    events: ollamaLines({ "prompt_eval_count": 11, "eval_count": 7 }),
    told: TOLD,
  },
  { name: "no usage", kind: "ollama", events: ollamaLines({}), told: null },
];

function anthropicEvents(
  start: JsonObject | null,
  end: JsonObject | null,
): readonly JsonObject[] {
  const delta = { "type": "text_delta", "text": TEXT };
  return [
    { "type": "message_start", "message": { "id": "m", ...(start && { "usage": start }) } },
    { "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } },
    { "type": "content_block_delta", "index": 0, delta },
    {
      "type": "message_delta",
      "delta": { "stop_reason": "end_turn" },
      ...(end && { "usage": end }),
    },
    { "type": "message_stop" },
  ];
}

function ollamaLines(counts: JsonObject): readonly JsonObject[] {
  return [{ "message": { "content": TEXT } }, { "message": {}, "done": true, ...counts }];
}

for (const { name, kind, events, told } of CASES) {
  rowTest("usage-chunks", {
    name: `${kind}: ${name}`,
    body: () =>
      withVariants({
        kind,
        count: 1,
        script: (exchange) => exchange.sendBodies(events),
      }, async ({ ask, daemon, varied }) => {
        const silent = await ask(0, { "stream_options": null });
        assert.deepEqual([silent.text, silent.finish, silent.doneCount], [TEXT, "stop", 1]);
        assert.doesNotMatch(silent.raw, /"usage":\{|"choices":\[\]/);
        const asked = await ask(0);
        assert.deepEqual([asked.text, asked.finish, asked.doneCount], [TEXT, "stop", 1]);
        const last = asked.bodies.at(-1);
        assert.deepEqual(last?.["choices"], []);
        assert.equal(asked.raw.match(/"usage":\{/g)?.length, 1, "usage is told once");
        if (told !== null) assert.match(JSON.stringify(last), /"total_tokens":18[,}]/);
        else assert.match(JSON.stringify(last), /"completion_tokens":[1-9]/);
        const { attempts } = await daemon.ledger(2);
        for (const row of attempts) assertUsage(row, told);
        for (const { body } of kind === "openai" ? varied.exchanges : []) {
          assert.deepEqual(body["stream_options"], { "include_usage": true });
        }
      }),
  });
}

/** What the ledger keeps is what was told, else an estimate. */
function assertUsage(row: Row, told: UsageCase["told"]): void {
  const [input, output] = [Number(row["input_tokens"]), Number(row["output_tokens"])];
  assert.equal(row["usage_source"], told === null ? "estimated" : "provider");
  if (told === null) assert.ok(input > 0 && output > 0, `${input} in, ${output} out`);
  else assert.deepEqual({ input, output }, told);
}
