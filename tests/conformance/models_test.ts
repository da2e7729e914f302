import assert from "node:assert/strict";
import { arrayAt, stringAt } from "../../src/core/json.ts";
import { withLadder } from "../support/cascade_case.ts";
import type { TestDaemon } from "../support/daemon.ts";
import { readResponse } from "../support/got.ts";
import { assertSchema, conformanceTest } from "../support/schema.ts";
import { assertError } from "../support/schema_stream.ts";

const ALIAS = "house/model:latest";

async function withModels(use: (daemon: TestDaemon) => Promise<void>): Promise<void> {
  const rungs = [{ alias: ALIAS, kind: "openai", script: null } as const];
  await withLadder(rungs, ({ daemon }) => use(daemon));
}

conformanceTest("the list of models is valid, and each of its models is", async () => {
  await withModels(async (daemon) => {
    const got = await readResponse(await daemon.fetch("/v1/models"));
    const [list] = got.bodies;
    assert.ok(list);
    assertSchema("ListModelsResponse", list, "list");
    const ids = arrayAt(list, "data").map((model) => stringAt(model, "id") ?? "");
    assert.ok(ids.includes("auto") && ids.includes(ALIAS), ids.join(", "));
    for (const id of ids) {
      const one = await readResponse(await daemon.fetch(`/v1/models/${encodeURIComponent(id)}`));
      assert.equal(one.status, 200, id);
      assertSchema("Model", one.bodies[0] ?? null, id);
    }
  });
});

conformanceTest("a model whose name holds a slash is found as it stands in the URL", async () => {
  await withModels(async (daemon) => {
    const got = await readResponse(await daemon.fetch(`/v1/models/${ALIAS}`));
    assertSchema("Model", got.bodies[0] ?? null, ALIAS);
    assert.equal(got.bodies[0]?.["id"], ALIAS);
  });
});

conformanceTest("a model that does not exist is OpenAI's error", async () => {
  await withModels(async (daemon) => {
    const got = await readResponse(await daemon.fetch("/v1/models/nobody"));
    assertError(got, { label: "nobody", status: 404 });
    assert.equal(got.error?.["code"], "model_not_found");
  });
});
