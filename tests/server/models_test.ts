import assert from "node:assert/strict";
import { askFor } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { Upstream } from "../support/upstream.ts";

const ODD = "odd/name:8b (x) %2F";

async function withDaemon(use: (daemon: TestDaemon) => Promise<void>): Promise<void> {
  await using upstream = new Upstream("openai");
  await using daemon = await TestDaemon.start(tomlFor([
    { alias: "plain", upstream },
    { alias: ODD, upstream },
    { alias: "off", upstream, model: "enabled = false" },
    { alias: "bare", upstream, model: "context_window = 32768\nmax_output_tokens = 4096" },
  ]));
  await use(daemon);
}

timedTest(
  "/v1/models lists auto, the profiles and the aliases that can be used",
  () =>
    withDaemon(async (daemon) => {
      const list = await (await daemon.fetch("/v1/models?limit=5")).json();
      assert.equal(list.object, "list");
      const ids = list.data.map((model: { readonly id: string }) => model.id);
      assert.deepEqual(ids, [
        "auto",
        "local-first",
        "balanced",
        "best-quality",
        "cloud-only",
        "plain",
        ODD,
        "bare",
      ]);
      for (const model of list.data) {
        const keys = ["id", "object", "created", "owned_by"]; // OpenAI's own
        assert.deepEqual(Object.keys(model).filter((key) => keys.includes(key)), keys);
        assert.equal(model.object, "model");
        assert.ok(Number.isInteger(model.created));
      }
    }),
);

timedTest(
  "/v1/models says how long requests may be, by all the names that clients know",
  () =>
    withDaemon(async (daemon) => {
      const read = async (id: string) => {
        const { created: _, ...model } = await (await daemon.fetch(`/v1/models/${id}`)).json();
        return model;
      };
      assert.deepEqual(await read("bare"), {
        "id": "bare",
        "object": "model",
        "owned_by": "bare",
        "type": "chat",
        "name": "bare (bare-id)",
        "context_window": 32_768,
        "context_length": 32_768,
        "max_model_len": 32_768,
        "max_output_tokens": 4_096,
      });
      assert.equal((await read("auto"))["context_window"], 200_000);
    }),
);

timedTest("auto promises the first model's window alone where faults lead nowhere", async () => {
  await using upstream = new Upstream("openai");
  await using daemon = await TestDaemon.start(tomlFor([
    { alias: "small", upstream, model: "context_window = 8192" },
    { alias: "large", upstream },
  ], { cascade: "on_http_error = false" }));
  const model = await (await daemon.fetch("/v1/models/auto")).json();
  assert.equal(model["context_window"], 8_192);
});

timedTest(
  "/v1/models lists embeddings models as such, and no window that is not known",
  async () => {
    await using upstream = new Upstream("openai");
    const chat = `[[rules]]\nname = "small"\nwhen = { has_images = true }\n` +
      `then = { primary = "chat" }`;
    await using daemon = await TestDaemon.start(
      tomlFor([
        { alias: "chat", upstream, model: "context_window = 8192" },
        { alias: "long", upstream, model: "context_window = 100000" },
        { alias: "embed", upstream, model: 'type = "embeddings"\ncontext_window = 512' },
      ], { rules: chat }).replace("context_window = 512\n", ""),
    );
    const { data } = await (await daemon.fetch("/v1/models")).json();
    const shown = data.map((model: Record<string, unknown>) =>
      `${model["id"]}: ${model["type"]} ${model["context_window"] ?? "unknown"}`
    );
    assert.deepEqual(shown, [
      "auto: chat 8192", // the rule
      "local-first: chat 8192",
      "balanced: chat 8192",
      "best-quality: chat 8192",
      "cloud-only: chat 8192",
      "chat: chat 8192",
      "long: chat 100000",
      "embed: embeddings unknown",
    ]);
  },
);

timedTest(
  "/v1/models/{id} gives one model, whose id may be escaped",
  () =>
    withDaemon(async (daemon) => {
      for (const id of ["plain", "auto", ODD]) {
        const response = await daemon.fetch(`/v1/models/${encodeURIComponent(id)}`);
        assert.deepEqual([response.status, (await response.json()).id], [200, id]);
      }
    }),
);

timedTest(
  "/v1/models/{id} of an unknown id is a 404 that lists the known ones",
  () =>
    withDaemon(async (daemon) => {
      for (const id of ["plian", "off", "constructor", "%ff", ""]) {
        const response = await daemon.fetch(`/v1/models/${id}`);
        const { error } = await response.json();
        assert.deepEqual([response.status, error.code, error.param], [
          404,
          "model_not_found",
          "model",
        ]);
        assert.match(error.message, /Known aliases: auto, .*plain/);
      }
    }),
);

timedTest(
  "/healthz and /readyz tell that the daemon lives and that its ledger works",
  () =>
    withDaemon(async (daemon) => {
      const health = await daemon.fetch("/healthz");
      assert.deepEqual([health.status, await health.text()], [200, "ok\n"]);
      const ready = await daemon.fetch("/readyz");
      assert.equal(ready.status, 200);
      assert.deepEqual(await ready.json(), {
        "status": "ready",
        "ledger": { "degraded": false, "dropped_entries": 0 },
        "cooling": [],
      });
    }),
);

timedTest("/readyz tells who cools down, in whole milliseconds", async () => {
  await using upstream = new Upstream(
    "openai",
    (exchange) => exchange.sendWhole(503, {}, { "retry-after": "60" }),
  );
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "down", upstream }]));
  await askFor(daemon, false);
  const [entry] = (await (await daemon.fetch("/readyz")).json())["cooling"];
  const { "remaining_ms": remainingMs, reason, ...who } = entry;
  assert.deepEqual(who, { "scope": "provider", "name": "down" });
  assert.ok(Number.isInteger(remainingMs) && remainingMs > 50_000, `${remainingMs} ms`);
  assert.match(reason, /^cools down after overloaded, \d+ s to go$/);
});
