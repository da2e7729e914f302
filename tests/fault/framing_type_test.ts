import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { KINDS, SPARE_TEXT } from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import { modelsOf } from "../support/got.ts";
import type { HeaderList } from "../support/upstream.ts";
import { errorBodyOf, STREAM_TYPES, streamEvents, wholeBody } from "../support/upstream_wire.ts";
import { withVariants } from "../support/variant_case.ts";

const ANSWER = {
  reasoning: ["Hm… "],
  text: ["世界 ", "😀"],
  calls: [
    { id: "call_1", name: "f", arguments: '{"a":"ü"}' },
    { id: "call_2", name: "f", arguments: "{}" },
  ],
};

const JSON_TYPES = ["application/json", "Application/JSON; charset=utf-8"];

for (const kind of KINDS) {
  rowTest("not-a-stream", {
    name: `${kind}: JSON where a stream was asked for is streamed with its reasoning and calls`,
    body: () =>
      withVariants({
        kind,
        count: JSON_TYPES.length,
        script: (exchange, variant) =>
          exchange.sendWhole(200, wholeBody(kind, ANSWER), {
            "content-type": JSON_TYPES[variant] ?? "",
          }),
      }, async ({ ask }) => {
        for (const variant of JSON_TYPES.keys()) {
          const { text, finish, doneCount, bodies, headers } = await ask(variant);
          assert.deepEqual([text, finish, doneCount], ["世界 😀", "tool_calls", 1]);
          assert.match(headers.get("content-type") ?? "", /^text\/event-stream/);
          const told = JSON.stringify(bodies);
          assert.match(told, /"reasoning_content":"Hm… "/);
          assert.match(told, /"index":0,.*"arguments":"\{\\"a\\":\\"ü\\"\}".*"index":1/);
          assert.match(told, /"total_tokens":18/);
        }
      }),
  });
}

for (const kind of KINDS) {
  rowTest("not-a-stream", {
    name: `${kind}: a stream that is called JSON is read all the same`,
    body: () =>
      withVariants({
        kind,
        count: 2,
        script: (exchange, variant) => {
          const events = streamEvents(kind, ANSWER);
          const sent = variant === 0 ? events : events.slice(0, 1);
          return exchange.sendWhole(200, sent.join(""), { "content-type": "application/json" });
        },
      }, async ({ ask }) => {
        const { text, finish, doneCount, bodies } = await ask(0);
        assert.deepEqual([text, finish, doneCount], ["世界 😀", "tool_calls", 1]);
        assert.deepEqual([...new Set(modelsOf(bodies))], ["m0"]);
        const cut = await ask(1);
        assert.deepEqual([cut.text, cut.doneCount], [SPARE_TEXT, 1], "a cut one is none");
      }),
  });
}

const SECRET = "not for the client";
const PAGE = `<!doctype html><html><body>${SECRET}</body></html>`;

interface Body {
  readonly type: string | null;
  readonly body: string;
}

/** Errors of the server, for which a request is not to blame. */
const SERVER_ERRORS: Readonly<Record<ProviderKind, JsonObject>> = {
  openai: { "error": { "message": SECRET, "type": "server_error", "param": null, "code": null } },
  anthropic: { "type": "error", "error": { "type": "api_error", "message": SECRET } },
  ollama: { "error": SECRET },
};

/** What is no answer, and the types that it may come with; null stands for none. */
function bodiesOf(kind: ProviderKind): readonly Body[] {
  const stream = STREAM_TYPES[kind];
  const error = JSON.stringify(SERVER_ERRORS[kind]);
  return [
    ...["text/html; charset=utf-8", stream, "text/plain", "application/json", null].map((type) => ({
      type,
      body: PAGE,
    })),
    ...[stream, "text/plain", "application/json", null].flatMap((type) =>
      [`${SECRET} and no more`, "", "null", "[]", '"text"', `{"unknown":"${SECRET}"}`, error].map(
        (body) => ({ type, body }),
      )
    ),
    { type: "application/octet-stream", body: `\u0000\u0001${SECRET}` },
    { type: "application/json", body: `{"choices":[{"message":{"content":"${SECRET}` },
  ];
}

for (const kind of KINDS) {
  const bodies = bodiesOf(kind);
  rowTest("not-a-stream", {
    name: `${kind}: what is no answer at all is a fault, and no byte of it is shown`,
    body: () =>
      withVariants({
        kind,
        count: bodies.length,
        script: async (exchange, variant) => {
          const { type, body } = bodies[variant] ?? { type: null, body: "" };
          const length = String(new TextEncoder().encode(body).length);
          const named: HeaderList = type === null ? {} : { "content-type": type };
          await exchange.sendHead(200, { ...named, "content-length": length });
          await exchange.sendRaw(body);
          exchange.end();
        },
      }, async ({ ask, daemon }) => {
        for (const [variant, { type, body }] of bodies.entries()) {
          const { text, doneCount, bodies, raw } = await ask(variant);
          const what = `${type}: ${body}`;
          assert.deepEqual([text, doneCount, modelsOf(bodies)], [SPARE_TEXT, 1, ["spare"]], what);
          assert.ok(!raw.includes(SECRET), what);
        }
        const { attempts } = await daemon.ledger(bodies.length);
        assert.equal(attempts.length, bodies.length * 2);
      }),
  });

  rowTest("not-a-stream", {
    name: `${kind}: an error as JSON with status 200 is that error when nobody else is left`,
    body: () =>
      withVariants({
        kind,
        count: 1,
        script: (exchange) => exchange.sendWhole(200, errorBodyOf(kind, "no such thing")),
      }, async ({ daemon }) => {
        const response = await daemon.chat({
          "model": "m0",
          "messages": [{ "role": "user", "content": "Hello" }],
          "stream": true,
        });
        assert.ok(response.status >= 400, `status ${response.status}`);
        assert.match((await response.json()).error.message, /no such thing/);
      }),
  });
}
