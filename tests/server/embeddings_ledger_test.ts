import assert from "node:assert/strict";
import { formatWhy } from "../../src/cli/why_report.ts";
import { findRequest } from "../../src/ledger/lookup.ts";
import { timedTest } from "../support/deadline.ts";
import { postEmbeddings, withEmbeddings } from "../support/embeddings_case.ts";

timedTest(
  "the ledger has embeddings with their tokens and their cost",
  () =>
    withEmbeddings(async ({ daemon }) => {
      await (await postEmbeddings(daemon, { "model": "embed", "input": "a" })).body
        ?.cancel();
      const { requests: [request], attempts: [attempt] } = await daemon
        .ledger();
      assert.equal(request?.["route_rule"], "embeddings");
      assert.equal(request["final_model"], "embed");
      assert.equal(request["status"], "ok");
      assert.equal(request["difficulty_score"], null);
      assert.deepEqual([request["input_tokens"], request["output_tokens"]], [
        8,
        0,
      ]);
      assert.equal(request["cost_usd"], 8e-6);
      assert.equal(attempt?.["usage_source"], "provider");
      assert.equal(attempt["upstream_id"], null);
      assert.match(String(request["explanation"]), /names embed/);
    }),
);

timedTest(
  "pirouter why explains embeddings, and those that were refused",
  () =>
    withEmbeddings(async ({ daemon }) => {
      const explain = async (model: string, count: number) => {
        await (await postEmbeddings(daemon, { model, "input": "a" })).body?.cancel();
        await daemon.ledger(count);
        const found = findRequest(daemon.ledgerPath, null);
        assert.ok(found.ok && found.value.type === "request");
        return formatWhy(found.value, false);
      };
      const answered = await explain("auto", 1);
      assert.match(
        answered,
        /difficulty not judged\ndecided +embeddings\nanswered +embed; ok/,
      );
      assert.match(
        answered,
        /- embed is the first embeddings model of the config/,
      );
      assert.match(answered, /- other would answer a request that names it/);
      const refused = await explain("nope", 2);
      assert.match(refused, /answered +by no model; error \(HTTP 404\)/);
      assert.match(
        refused,
        /- The model "nope" does not exist\. Known aliases: embed, other\./,
      );
    }),
);
