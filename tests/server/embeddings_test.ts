import assert from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { CANARY_KEY, TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { EMBEDDINGS, postEmbeddings, withEmbeddings } from "../support/embeddings_case.ts";
import { embeddingsAnswer, PassageUpstream } from "../support/passage_upstream.ts";
import { Upstream } from "../support/upstream.ts";

timedTest(
  "embeddings go to the model that is named, and come back under its alias",
  () =>
    withEmbeddings(async ({ daemon, upstream }) => {
      const body = {
        "model": "other",
        "input": ["a", "b"],
        "encoding_format": "base64",
        "dimensions": 3,
      };
      const response = await postEmbeddings(daemon, body);
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), embeddingsAnswer("other"));
      const { headers } = response;
      assert.equal(headers.get("x-pirouter-model"), "other");
      assert.equal(headers.get("x-pirouter-rule"), "embeddings");
      assert.equal(headers.get("x-pirouter-attempts"), "1");
      const [exchange] = upstream.exchanges;
      assert.equal(exchange?.request.path, "/v1/embeddings");
      assert.equal(
        exchange.request.headers.get("authorization"),
        `Bearer ${CANARY_KEY}`,
      );
      assert.deepEqual(exchange.body, { ...body, "model": "nomic-embed-text" });
    }),
);

const NAMES: readonly (readonly [string, JsonObject, string])[] = [
  ["its alias", { "model": "other" }, "other"],
  ["its provider's name", { "model": "nomic-embed-text" }, "other"],
  ["auto: the first", { "model": "auto" }, "embed"],
  ["a profile: the first", { "model": "cloud-only" }, "embed"],
  ["an empty name: the first", { "model": "" }, "embed"],
  ["no name: the first", {}, "embed"],
  ["null: the first", { "model": null }, "embed"],
];

timedTest(
  "embeddings are given by the model that is meant, and by no other",
  () =>
    withEmbeddings(async ({ daemon }) => {
      for (const [what, body, alias] of NAMES) {
        const response = await postEmbeddings(daemon, { ...body, "input": "a" });
        assert.equal((await response.json()).model, alias, what);
      }
      const response = await postEmbeddings(daemon, {
        "model": "text-embedding-3-small",
        "input": "a",
      });
      const { error } = await response.json();
      assert.deepEqual([response.status, error.code, error.param], [
        404,
        "model_not_found",
        "model",
      ]);
      assert.match(error.message, /Known aliases: embed, other\.$/);
    }),
);

timedTest(
  "without embeddings models of one's own a name goes on as it is",
  () =>
    withEmbeddings(async ({ daemon, upstream }) => {
      const response = await postEmbeddings(daemon, {
        "model": "text-embedding-3-small",
        "input": "a",
      });
      assert.equal((await response.json()).model, "text-embedding-3-small");
      assert.equal(
        response.headers.get("x-pirouter-model"),
        "text-embedding-3-small",
      );
      assert.equal(
        upstream.exchanges[0]?.body["model"],
        "text-embedding-3-small",
      );
      const { requests, attempts } = await daemon.ledger();
      assert.equal(requests[0]?.["cost_usd"], null);
      assert.equal(attempts[0]?.["alias"], "text-embedding-3-small");
    }, { models: [{ alias: "chat" }] }),
);

timedTest(
  "a name that no header can carry is answered all the same",
  () =>
    withEmbeddings(async ({ daemon }) => {
      const response = await postEmbeddings(daemon, {
        "model": "grün\r\nx: y",
        "input": "a",
      });
      assert.equal(response.status, 200);
      assert.equal(
        response.headers.get("x-pirouter-model"),
        "gr?n\\u000d\\u000ax: y",
      );
      await response.body?.cancel();
    }, { models: [{ alias: "chat" }] }),
);

timedTest(
  "unknown_model = reject holds for embeddings",
  () =>
    withEmbeddings(async ({ daemon, upstream }) => {
      const response = await postEmbeddings(daemon, {
        "model": "text-embedding-3-small",
        "input": "a",
      });
      assert.deepEqual([response.status, (await response.json()).error.code], [
        404,
        "model_not_found",
      ]);
      assert.equal(upstream.exchanges.length, 0);
    }, { routing: 'unknown_model = "reject"', models: [{ alias: "chat" }] }),
);

timedTest(
  "embeddings of a chat model, or without any model, are refused with the next step",
  () =>
    withEmbeddings(async ({ daemon }) => {
      const cases: readonly (readonly [string, string, RegExp])[] = [
        [
          "chat",
          "wrong_model_type",
          /is a chat model: it gives no embeddings\. Add a section/,
        ],
        [
          "auto",
          "no_candidate",
          /No configured model can be asked for embeddings\. Add a section/,
        ],
      ];
      for (const [model, code, message] of cases) {
        const response = await postEmbeddings(daemon, { model, "input": "a" });
        const { error } = await response.json();
        assert.deepEqual([response.status, error.code], [400, code]);
        assert.match(error.message, message);
      }
      const { requests, attempts } = await daemon.ledger(2);
      assert.deepEqual(
        requests.map((row) => [row["route_rule"], row["status"]]),
        [
          ["embeddings", "error"],
          ["embeddings", "error"],
        ],
      );
      assert.equal(attempts.length, 0);
    }, { models: [{ alias: "chat" }] }),
);

timedTest(
  "an embeddings model that is off or at a provider without the endpoint is told as such",
  async () => {
    await using upstream = new Upstream("anthropic");
    await using daemon = await TestDaemon.start(tomlFor([
      { alias: "chat", upstream },
      { alias: "far", upstream, model: EMBEDDINGS },
      { alias: "off", upstream, model: `${EMBEDDINGS}\nenabled = false` },
    ], { rules: "" }));
    const far = await (await postEmbeddings(daemon, { "model": "far", "input": "a" }))
      .json();
    assert.equal(far.error.code, "unsupported_endpoint");
    assert.match(far.error.message, /its provider "far" has no such endpoint/);
    const off = await (await postEmbeddings(daemon, { "model": "off", "input": "a" }))
      .json();
    assert.match(off.error.message, /off is disabled in the config/);
    const none = await (await postEmbeddings(daemon, { "input": "a" })).json();
    assert.match(
      none.error.message,
      /far is at far, which has no embeddings for it; off is dis/,
    );
  },
);

timedTest(
  "embeddings of Ollama come from its OpenAI-compatible endpoint",
  async () => {
    await using upstream = new PassageUpstream(
      "ollama",
      (exchange) => exchange.sendWhole(200, embeddingsAnswer("nomic")),
    );
    await using daemon = await TestDaemon.start(tomlFor([
      { alias: "embed", upstream, model: EMBEDDINGS },
    ], { rules: "" }));
    const response = await postEmbeddings(daemon, { "input": [1, 2, 3] });
    assert.equal(response.status, 200);
    await response.body?.cancel();
    assert.deepEqual(upstream.paths, ["/v1/embeddings"]);
  },
);

const BAD: readonly (readonly [JsonObject, string])[] = [
  [{}, "input"],
  [{ "input": null }, "input"],
  [{ "input": [] }, "input"],
  [{ "input": ["a", 1] }, "input"],
  [{ "input": [[1, "a"]] }, "input"],
  [{ "input": { "text": "a" } }, "input"],
  [{ "input": "a", "model": 5 }, "model"],
  [{ "input": "a", "dimensions": 0 }, "dimensions"],
  [{ "input": "a", "encoding_format": "hex" }, "encoding_format"],
];

timedTest(
  "a request for embeddings that is wrong is refused with the field at fault",
  () =>
    withEmbeddings(async ({ daemon, upstream }) => {
      for (const [body, param] of BAD) {
        const response = await postEmbeddings(daemon, body);
        const { error } = await response.json();
        assert.deepEqual(
          [response.status, error.param],
          [400, param],
          JSON.stringify(body),
        );
      }
      assert.equal(upstream.exchanges.length, 0);
    }),
);

timedTest(
  "fields that name a URL or a key don't go upstream, and are named as dropped",
  () =>
    withEmbeddings(async ({ daemon, upstream }) => {
      const extra = {
        "api_base": "http://127.0.0.1:1",
        "api_key": "client-secret",
      };
      const response = await postEmbeddings(daemon, { "input": "a", ...extra });
      await response.body?.cancel();
      assert.equal(
        response.headers.get("x-pirouter-dropped"),
        "api_base, api_key",
      );
      assert.deepEqual(upstream.exchanges[0]?.body, {
        "input": "a",
        "model": "embed-id",
      });
    }),
);
