import fc from "fast-check";
import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { askFor, KINDS, NO_WAIT, withLadder } from "../support/cascade_case.ts";
import { conformanceTest } from "../support/schema.ts";
import { assertStream, assertWhole } from "../support/schema_stream.ts";
import type { ScriptedAnswer } from "../support/upstream_wire.ts";
import { inDialect, openaiSaid, type RawChoice, type Said, say } from "./answers.ts";

const SEED = 20_260_417;
const RUNS = 100;

const TOOL_NAMES = ["weather", "now", "read_file"];
const TOOLS = TOOL_NAMES.map((name) => ({ "type": "function", "function": { name } }));

const piece = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const count = fc.nat({ max: 100_000 });

const calls = fc.uniqueArray(
  fc.record({
    id: fc.string({ unit: fc.constantFrom(..."abcXYZ019_-"), minLength: 1, maxLength: 40 }),
    name: fc.constantFrom(...TOOL_NAMES),
    arguments: fc.dictionary(piece, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
      .map((value) => JSON.stringify(value)),
  }),
  { minLength: 1, maxLength: 4, selector: ({ id }) => id },
);

/** Text with something in it: an answer of white space is none. */
const text = fc.array(piece, { maxLength: 5 }).map((pieces) => [...pieces, "word"]);

/** Answers that every dialect can give. */
const scripted: fc.Arbitrary<ScriptedAnswer> = fc.tuple(
  fc.oneof(fc.record({ text }), fc.record({ calls }), fc.record({ text, calls })),
  fc.record({
    reasoning: fc.array(piece, { minLength: 1, maxLength: 4 }),
    usage: fc.record({ input: count, output: count }),
    isCut: fc.boolean(),
  }, { requiredKeys: [] }),
).map(([said, more]) => ({ ...said, ...more }));

const token = fc.record({
  "token": piece,
  "logprob": fc.double({ max: 0, noNaN: true, noDefaultInfinity: true }),
  "bytes": fc.option(fc.array(fc.nat({ max: 255 }), { maxLength: 4 })),
});
const tokens = fc.array(
  fc.tuple(token, fc.array(token, { maxLength: 2 }))
    .map(([own, others]) => ({ ...own, "top_logprobs": others })),
  { maxLength: 3 },
);
const logprobs = fc.record({ "content": fc.option(tokens), "refusal": fc.option(tokens) });

/** A choice of OpenAI's with fields that other dialects do not have. */
const rawChoice: fc.Arbitrary<RawChoice> = fc.record({
  said: text.map((pieces) => pieces.join("")),
  key: fc.constantFrom("content", "refusal"),
  finish: fc.constantFrom("stop", "length", "content_filter"),
  logprobs: fc.option(logprobs, { nil: undefined }),
}).map(({ said, key, finish, logprobs }) => ({
  message: { [key]: said },
  deltas: [{ [key]: said }],
  finish,
  ...(logprobs === undefined ? {} : { logprobs }),
}));

const openaiHead = fc.record({
  "system_fingerprint": fc.option(piece),
  "service_tier": fc.constantFrom("default", "flex", "on_demand", null),
  "usage": fc.constantFrom(null, {}, {
    "prompt_tokens": 5,
    "completion_tokens": 3,
    "total_tokens": 8,
    "prompt_tokens_details": null,
  }),
}, { requiredKeys: [] });

function answersIn(kind: ProviderKind): fc.Arbitrary<Said> {
  const common = scripted.map((answer) => inDialect(kind, answer));
  if (kind !== "openai") return common;
  const raw = fc.tuple(fc.array(rawChoice, { minLength: 1, maxLength: 3 }), openaiHead)
    .map(([choices, head]) => openaiSaid(choices, head));
  return fc.oneof(common, raw);
}

for (const kind of KINDS) {
  conformanceTest(`every answer of the ${kind} dialect is valid, streamed and whole`, async () => {
    let said: Said = inDialect(kind, { text: ["word"] });
    const script = {
      alias: "model",
      kind,
      script: (exchange) => say(exchange, said),
    } satisfies Parameters<typeof withLadder>[0][number];
    await withLadder([script], async ({ daemon }) => {
      const property = fc.asyncProperty(
        answersIn(kind),
        fc.boolean(),
        fc.boolean(),
        async (answer, stream, includeUsage) => {
          said = answer;
          const options: JsonObject = includeUsage
            ? { "stream_options": { "include_usage": true } }
            : {};
          const got = await askFor(daemon, stream, { ...options, "tools": TOOLS });
          if (stream) assertStream(got, { label: "random", includeUsage });
          else assertWhole(got, "random");
        },
      );
      await fc.assert(property, { seed: SEED, numRuns: RUNS });
    }, { cascade: NO_WAIT });
  });
}
