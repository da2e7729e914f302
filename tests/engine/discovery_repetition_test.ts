import assert from "node:assert/strict";
import type { Catalog } from "../../src/core/catalog.ts";
import { Discovery } from "../../src/engine/discovery.ts";
import { timedTest, within } from "../support/deadline.ts";
import { buildCatalog, buildModel } from "../support/models.ts";
import { PROVIDER } from "../support/ollama_case.ts";

const CATALOG = buildCatalog(buildModel({ alias: "a", provider: "ollama", contextWindow: null }));
const SHOWN = {
  "capabilities": ["completion"],
  "model_info": { "general.architecture": "a", "a.context_length": 4_096 },
};

interface Told {
  readonly lines: readonly string[];
  readonly catalogs: readonly Catalog[];
}

/** What a discovery tells until it has asked for the list so many times. */
async function surveyTimes(times: number, replyTo: (count: number) => Response): Promise<Told> {
  const asked = Promise.withResolvers<void>();
  let count = 0;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      if (request.method !== "GET") return Response.json(SHOWN);
      if (++count === times) asked.resolve();
      return replyTo(count);
    },
  );
  using client = Deno.createHttpClient({});
  const lines: string[] = [];
  const catalogs: Catalog[] = [];
  const baseUrl = `http://127.0.0.1:${server.addr.port}`;
  const discovery = new Discovery({
    config: { providers: new Map([["ollama", { ...PROVIDER, baseUrl }]]), catalog: CATALOG },
    links: new Map([["ollama", { client }]]),
    log: { info: (line) => void lines.push(line), warn: (line) => void lines.push(line) },
    onCatalog: (catalog) => void catalogs.push(catalog),
    times: { everyMs: 1, retryMs: 1, limitMs: 1_000 },
  });
  await discovery.begin(5_000);
  await within(asked.promise, `survey ${times}`);
  await discovery.close();
  return { lines, catalogs };
}

const LIST = { "models": [{ "model": "a-id", "digest": "1" }] };

timedTest("a silence that lasts is told once", async () => {
  const { lines } = await surveyTimes(4, () => new Response(null, { status: 503 }));
  assert.equal(lines.length, 1, lines.join("\n"));
});

timedTest("a survey that finds the same as before gives no new catalog", async () => {
  const { catalogs } = await surveyTimes(4, () => Response.json(LIST));
  assert.equal(catalogs.length, 1);
});
