import assert from "node:assert/strict";
import type { Catalog } from "../../src/core/catalog.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Provider } from "../../src/core/provider.ts";
import { discoverOnce, Discovery } from "../../src/engine/discovery.ts";
import { timedTest, within } from "../support/deadline.ts";
import { buildCatalog, buildModel } from "../support/models.ts";
import { PROVIDER } from "../support/ollama_case.ts";
import { Upstream } from "../support/upstream.ts";

/** What a server shows of a model with this window. */
function shown(window: number): JsonObject {
  return {
    "capabilities": ["completion", "tools"],
    "model_info": { "general.architecture": "a", "a.context_length": window },
  };
}

/** A server that takes connections, and says nothing. */
function listenInSilence(): Disposable & { readonly baseUrl: string } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const baseUrl = `http://127.0.0.1:${listener.addr.port}`;
  return { baseUrl, [Symbol.dispose]: () => listener.close() };
}

interface Watch {
  readonly discovery: Discovery;
  readonly lines: string[];
  /** The next catalog that differs from the one before. */
  next(): Promise<Catalog>;
}

/** A discovery that asks every few milliseconds. */
function watch(
  provider: Partial<Provider>,
  { catalog = new Map(), client, everyMs = 5, limitMs = 1_000 }: {
    readonly catalog?: Catalog;
    readonly client: Deno.HttpClient;
    readonly everyMs?: number;
    readonly limitMs?: number;
  },
): Watch & AsyncDisposable {
  const lines: string[] = [];
  const catalogs: Catalog[] = [];
  let arrival = Promise.withResolvers<void>();
  let taken = 0;
  const note = (line: string) => void lines.push(line);
  const discovery = new Discovery({
    config: { providers: new Map([["ollama", { ...PROVIDER, ...provider }]]), catalog },
    links: new Map([["ollama", { client }]]),
    log: { info: note, warn: note },
    onCatalog: (next) => {
      catalogs.push(next);
      arrival.resolve();
      arrival = Promise.withResolvers();
    },
    times: { everyMs, retryMs: 5, limitMs },
  });
  return {
    discovery,
    lines,
    next: async () => {
      while (catalogs.length <= taken) await within(arrival.promise, "the next catalog");
      return catalogs[taken++] ?? assert.fail("no catalog");
    },
    [Symbol.asyncDispose]: () => discovery.close(),
  };
}

timedTest("a discovery follows what the server has", async () => {
  using client = Deno.createHttpClient({});
  await using upstream = new Upstream("ollama");
  await upstream.ready;
  upstream.shownModels.set("qwen3:8b", shown(40_960));
  await using watched = watch({ baseUrl: upstream.baseUrl, discover: true }, { client });
  await watched.discovery.begin(5_000);
  assert.deepEqual([...(await watched.next()).keys()], ["qwen3:8b"]);
  upstream.shownModels.set("phi4", shown(16_384));
  assert.deepEqual([...(await watched.next()).keys()], ["phi4", "qwen3:8b"]);
  upstream.shownModels.delete("qwen3:8b");
  assert.deepEqual([...(await watched.next()).keys()], ["phi4"]);
  upstream.shownModels.set("phi4", shown(8_192));
  assert.equal((await watched.next()).get("phi4")?.contextWindow, 8_192);
  assert.deepEqual(watched.lines, [
    "discovered 1 model of ollama: qwen3:8b",
    "discovered 1 model of ollama: phi4",
    "gone: 1 model of ollama: qwen3:8b",
  ]);
  const shows = upstream.shownNames.filter((name) => name !== "");
  assert.deepEqual(shows, ["qwen3:8b", "phi4", "phi4"], "once a version");
});

timedTest(
  "a model that could not be shown stays what it was, and is asked for again soon",
  async () => {
    using client = Deno.createHttpClient({});
    let digest = "1";
    let window = 4_096;
    const showings: string[] = [];
    const secondFailed = Promise.withResolvers<void>();
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      ({ method }) => {
        if (method === "GET") return Response.json({ "models": [{ "model": "a", digest }] });
        showings.push(digest);
        // A server that is busy with the new version fails twice.
        if (digest === "1" || showings.length > 3) return Response.json(shown(window));
        if (showings.length === 3) secondFailed.resolve();
        return Response.json({ "error": "busy" }, { status: 500 });
      },
    );
    const baseUrl = `http://127.0.0.1:${server.addr.port}`;
    await using watched = watch({ baseUrl, discover: true }, { client });
    await watched.discovery.begin(5_000);
    assert.equal((await watched.next()).get("a")?.contextWindow, 4_096);
    [digest, window] = ["2", 8_192];
    await within(secondFailed.promise, "the second failure");
    assert.equal((await watched.next()).get("a")?.contextWindow, 8_192);
    assert.deepEqual(watched.lines, ["discovered 1 model of ollama: a"], "it was never gone");
    assert.deepEqual(showings, ["1", "2", "2", "2"]);
  },
);

timedTest("a survey that could not show all is repeated as soon as one that failed", async () => {
  using client = Deno.createHttpClient({});
  await using upstream = new Upstream("ollama");
  await upstream.ready;
  upstream.shownModels.set("a", { "error": "busy" });
  await using watched = watch({ baseUrl: upstream.baseUrl, discover: true }, {
    client,
    everyMs: 600_000,
  });
  await watched.discovery.begin(5_000);
  upstream.shownModels.set("a", shown(4_096));
  assert.equal((await watched.next()).get("a")?.contextWindow, 4_096);
});

timedTest("a discovery begins anew when the server does, and tells its silence once", async () => {
  using client = Deno.createHttpClient({});
  const gone = new Upstream("ollama");
  await gone.ready;
  const { baseUrl } = gone;
  await gone[Symbol.asyncDispose]();
  const catalog = buildCatalog(buildModel({ alias: "a", provider: "ollama", contextWindow: null }));
  await using watched = watch({ baseUrl }, { catalog, client });
  await watched.discovery.begin(5_000);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: Number(new URL(baseUrl).port), onListen: () => {} },
    ({ method }) =>
      Response.json(method === "GET" ? { "models": [{ "model": "a-id" }] } : shown(4_096)),
  );
  assert.equal((await watched.next()).get("a")?.contextWindow, 4_096);
  assert.deepEqual(watched.lines, [
    'provider "ollama" gives no list of its models (does it run, is base_url right?), ' +
    "so they have unknown context windows; it is asked again every 0.005 s",
    'provider "ollama" answers again',
  ]);
  assert.ok(server);
});

timedTest("a discovery warns once of what the user should set right", async () => {
  using client = Deno.createHttpClient({});
  await using upstream = new Upstream("ollama");
  await upstream.ready;
  upstream.shownModels.set("a-id", shown(4_096));
  const catalog = buildCatalog(
    buildModel({ alias: "a", provider: "ollama", contextWindow: 9_000 }),
    buildModel({ alias: "b", provider: "ollama", contextWindow: null }),
  );
  await using watched = watch({ baseUrl: upstream.baseUrl }, { catalog, client });
  await watched.discovery.begin(5_000);
  assert.equal((await watched.next()).get("a")?.contextWindow, 4_096);
  upstream.shownModels.set("a-id", shown(2_048));
  assert.equal((await watched.next()).get("a")?.contextWindow, 2_048);
  assert.equal(watched.lines.filter((line) => line.includes("ollama pull b-id")).length, 1);
  assert.equal(watched.lines.length, 3, "a window that changes is worth another warning");
});

timedTest("a server that says nothing delays no start", async () => {
  using client = Deno.createHttpClient({});
  using silent = listenInSilence();
  const { baseUrl } = silent;
  await using watched = watch({ baseUrl, discover: true }, { client, limitMs: 60_000 });
  await within(watched.discovery.begin(50), "the start"); // long before the reply's own limit
});

timedTest("a server that has nothing to tell is never asked", async () => {
  using client = Deno.createHttpClient({});
  await using upstream = new Upstream("ollama");
  await upstream.ready;
  const catalog = buildCatalog(buildModel({ alias: "a", provider: "ollama" }));
  await using watched = watch({ baseUrl: upstream.baseUrl }, { catalog, client });
  await watched.discovery.begin(5_000);
  assert.deepEqual(upstream.shownNames, []);
});

timedTest("discoverOnce() tells which servers do not answer", async () => {
  await using upstream = new Upstream("ollama");
  await upstream.ready;
  upstream.shownModels.set("m", shown(4_096));
  using silent = listenInSilence();
  const at = (id: string, baseUrl: string): [string, Provider] => [
    id,
    { ...PROVIDER, id, baseUrl, discover: true },
  ];
  const providers = new Map([at("home", upstream.baseUrl), at("attic", silent.baseUrl)]);
  const once = await discoverOnce({ providers, catalog: new Map() }, 300);
  assert.deepEqual([...once.catalog.keys()], ["m"]);
  assert.deepEqual(once.silences, [
    'provider "attic" gives no list of its models (does it run, is base_url right?), so they are unknown',
  ]);
});
