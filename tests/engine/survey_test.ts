import assert from "node:assert/strict";
import { discoverOnce } from "../../src/engine/discovery.ts";
import { Survey } from "../../src/engine/survey.ts";
import { modelList } from "../../src/providers/ollama_list.ts";
import { timedTest } from "../support/deadline.ts";
import { PROVIDER } from "../support/ollama_case.ts";

const SHOWN = {
  "capabilities": ["completion"],
  "model_info": { "general.architecture": "a", "a.context_length": 4_096 },
};
const LIST = { "models": [{ "model": "m", "digest": "1" }] };

timedTest("a model that a server could not show is asked about again", async () => {
  let shows = 0;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      if (request.method === "GET") return Response.json(LIST);
      return ++shows === 1 ? new Response(null, { status: 500 }) : Response.json(SHOWN);
    },
  );
  using client = Deno.createHttpClient({});
  const provider = { ...PROVIDER, baseUrl: `http://127.0.0.1:${server.addr.port}` };
  const survey = new Survey({ provider, query: modelList, client, isWanted: () => true });
  const limits = { signal: AbortSignal.timeout(5_000), limitMs: 1_000 };
  assert.deepEqual(await survey.take(limits), { names: ["m"], models: [], isComplete: false });
  const stock = await survey.take(limits);
  assert.equal(stock?.models[0]?.contextWindow, 4_096);
});

timedTest(
  "of two servers that have the same model the first by name decides its alias",
  async () => {
    const handle = (request: Request) => Response.json(request.method === "GET" ? LIST : SHOWN);
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    await using one = Deno.serve(options, handle);
    await using other = Deno.serve(options, handle);
    const at = (id: string, port: number) =>
      [id, { ...PROVIDER, id, baseUrl: `http://127.0.0.1:${port}`, discover: true }] as const;
    // In the config's order `b` comes first.
    const providers = new Map([at("b", one.addr.port), at("a", other.addr.port)]);
    const { catalog } = await discoverOnce({ providers, catalog: new Map() }, 5_000);
    assert.deepEqual([...catalog.values()].map(({ alias, provider }) => [alias, provider]), [
      ["m", "a"],
      ["b/m", "b"],
    ]);
  },
);
