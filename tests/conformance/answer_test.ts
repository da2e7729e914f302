import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { askFor, KINDS, type Rung, SPARE, withLadder } from "../support/cascade_case.ts";
import type { Got } from "../support/got.ts";
import { conformanceTest } from "../support/schema.ts";
import { assertStream, assertWhole } from "../support/schema_stream.ts";
import { ANSWER_CASES, type AnswerCase } from "./answer_cases.ts";
import { say } from "./answers.ts";

/** The ways to ask for one answer. */
const WAYS = [
  { way: "whole", stream: false, includeUsage: false },
  { way: "streamed", stream: true, includeUsage: false },
  { way: "streamed with usage", stream: true, includeUsage: true },
] as const;

type Way = (typeof WAYS)[number];

/** Fields of a request that is asked this way. */
function fieldsOf({ includeUsage }: Way, fields: JsonObject = {}): JsonObject {
  return includeUsage ? { ...fields, "stream_options": { "include_usage": true } } : fields;
}

function assertValid(got: Got, { way, stream, includeUsage }: Way): void {
  if (stream) assertStream(got, { label: way, includeUsage });
  else assertWhole(got, way);
}

for (const { name, fields, said, check } of ANSWER_CASES) {
  for (const kind of KINDS.filter((each) => said[each] !== undefined)) {
    conformanceTest(`${name} of the ${kind} dialect is valid, streamed and whole`, async () => {
      await withLadder([rungOf(kind, said)], async ({ daemon }) => {
        for (const way of WAYS) {
          const got = await askFor(daemon, way.stream, fieldsOf(way, fields));
          assertValid(got, way);
          check(got);
        }
      });
    });
  }
}

function rungOf(kind: ProviderKind, said: AnswerCase["said"]): Rung {
  const answer = said[kind] ?? assert.fail(`nothing is said in ${kind}`);
  return { alias: "model", kind, script: (exchange) => say(exchange, answer) };
}

/** First candidates that do not answer, or not well enough, in each dialect. */
const FIRST_ATTEMPTS: readonly (readonly [string, (kind: ProviderKind) => Rung])[] = [
  ["a fallback", (kind) => ({
    alias: "first",
    kind,
    script: (exchange) => exchange.sendWhole(503, { "error": { "message": "overloaded" } }),
  })],
  ["an escalation", (kind) => ({
    alias: "first",
    kind,
    script: (exchange) => exchange.answer({ text: ["<escalate/>"] }),
  })],
];

for (const [what, firstOf] of FIRST_ATTEMPTS) {
  for (const kind of KINDS) {
    conformanceTest(`the answer after ${what} from the ${kind} dialect is valid`, async () => {
      for (const way of WAYS) {
        await withLadder([firstOf(kind), SPARE], async ({ daemon }) => {
          const got = await askFor(daemon, way.stream, fieldsOf(way));
          assertValid(got, way);
          assert.equal(got.headers.get("x-pirouter-attempts"), "2");
          assert.equal(got.headers.get("x-pirouter-model"), "spare");
        }, { cascade: "on_marker = '<escalate/>'\nmax_wait_secs = 0" });
      }
    });
  }
}
