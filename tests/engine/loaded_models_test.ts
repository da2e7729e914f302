import assert from "node:assert/strict";
import { LoadedModels } from "../../src/engine/loaded_models.ts";
import { loadedModels as query } from "../../src/providers/ollama_loaded.ts";
import { timedTest, within } from "../support/deadline.ts";
import { MODEL, PROVIDER } from "../support/ollama_case.ts";

const LOADED = { "models": [{ "model": MODEL.modelId }] };
const SIGNAL = new AbortController().signal;

/** A server, and what asks it; the time stands still until the test moves it. */
class Setting implements AsyncDisposable {
  readonly loaded: LoadedModels;
  nowMs = 0;
  askedCount = 0;
  readonly #client = Deno.createHttpClient({});
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(reply: (request: Request) => Response | Promise<Response>) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      this.askedCount++;
      return reply(request);
    });
    const provider = { ...PROVIDER, baseUrl: `http://127.0.0.1:${this.#server.addr.port}` };
    const client = this.#client;
    this.loaded = new LoadedModels({ provider, query, client, now: () => this.nowMs });
  }

  /** What the newest question shows in the end. */
  async hasModel(limitMs: number = 10_000): Promise<boolean | null> {
    return (await this.loaded.look({ signal: SIGNAL, limitMs })).hasModel(MODEL);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.loaded.close();
    this.#client.close();
    await this.#server.shutdown();
  }
}

const REPLIES: readonly (readonly [string, () => Response, boolean | null])[] = [
  ["a model that the server names is loaded", () => Response.json(LOADED), true],
  ["a model that it does not name is not", () => Response.json({ "models": [] }), false],
  ["nothing is known where it fails", () => Response.json({}, { status: 500 }), null],
  ["nothing is known where it says nonsense", () => new Response("<html>"), null],
];

for (const [what, reply, expected] of REPLIES) {
  timedTest(`LoadedModels: ${what}`, async () => {
    await using setting = new Setting(reply);
    const { loaded } = setting;
    assert.equal(loaded.known, null);
    loaded.refresh();
    const { fresh } = loaded;
    assert.equal(fresh?.hasModel(MODEL), null, "not yet");
    assert.equal(loaded.known, null);
    assert.equal(await setting.hasModel(), expected);
    assert.equal(fresh?.hasModel(MODEL), expected, "it was under way");
    assert.equal(loaded.known, fresh);
  });
}

timedTest("LoadedModels asks again after five seconds, and believes for a minute", async () => {
  await using setting = new Setting(() => Response.json(LOADED));
  const { loaded } = setting;
  const askAt = async (nowMs: number) => {
    setting.nowMs = nowMs;
    loaded.refresh();
    const { fresh } = loaded;
    setting.nowMs = fresh?.askedAt ?? nowMs; // a look of this moment waits for it, and asks nothing
    await setting.hasModel();
    setting.nowMs = nowMs;
    return setting.askedCount;
  };
  assert.deepEqual([await askAt(0), await askAt(4_999), await askAt(5_000)], [1, 1, 2]);
  setting.nowMs = 10_000;
  assert.equal(loaded.fresh, null);
  assert.equal(loaded.known?.askedAt, 5_000);
  setting.nowMs = 65_000;
  assert.equal(loaded.known, null);
});

timedTest("LoadedModels asks one question at a time, however long that takes", async () => {
  const answer = Promise.withResolvers<Response>();
  await using setting = new Setting(() => answer.promise);
  for (const nowMs of [0, 10_000, 20_000]) {
    setting.nowMs = nowMs;
    setting.loaded.refresh();
  }
  const looks = [setting.hasModel(), setting.hasModel()];
  answer.resolve(Response.json(LOADED));
  assert.deepEqual(await Promise.all(looks), [true, true]);
  assert.equal(setting.askedCount, 1);
});

timedTest("LoadedModels gives up after a second, and asks again later", async () => {
  let isSilent = true;
  const end = Promise.withResolvers<Response>();
  await using setting = new Setting(() => isSilent ? end.promise : Response.json(LOADED));
  assert.equal(await setting.hasModel(), null);
  assert.equal(setting.loaded.known?.hasModel(MODEL), null);
  isSilent = false;
  setting.nowMs = 5_000;
  assert.equal(await setting.hasModel(), true);
  end.resolve(new Response());
});

timedTest("LoadedModels lets nobody wait longer than they want, and goes on asking", async () => {
  const answer = Promise.withResolvers<Response>();
  await using setting = new Setting(() => answer.promise);
  assert.equal(await setting.hasModel(1), null);
  answer.resolve(Response.json(LOADED));
  assert.equal(await setting.hasModel(), true);
  assert.equal(setting.askedCount, 1);
});

timedTest("LoadedModels lets nobody wait whose client has left", async () => {
  const answer = Promise.withResolvers<Response>();
  await using setting = new Setting(() => answer.promise);
  const look = await setting.loaded.look({ signal: AbortSignal.abort(), limitMs: 10_000 });
  assert.equal(look.hasModel(MODEL), null);
  answer.resolve(new Response());
});

timedTest("LoadedModels ends its question when it is closed", async () => {
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Response>();
  await using setting = new Setting((request) => {
    request.signal.addEventListener("abort", () => left.resolve());
    asked.resolve();
    return answer.promise;
  });
  setting.loaded.refresh();
  await within(asked.promise, "the question");
  await within(setting.loaded.close(), "the end", 500);
  await within(left.promise, "the server's notice of it");
  answer.resolve(new Response());
});
