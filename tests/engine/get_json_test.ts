import assert from "node:assert/strict";
import type { JsonValue } from "../../src/core/json.ts";
import { getJson } from "../../src/providers/transport.ts";
import { timedTest } from "../support/deadline.ts";

/** What the reply to the first request comes to; one to another path is a document of its own. */
async function getFrom(reply: Response): Promise<JsonValue> {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url }) => new URL(url).pathname === "/" ? reply : Response.json({ "models": [] }),
  );
  using client = Deno.createHttpClient({});
  const { signal } = new AbortController();
  const request = { url: `http://127.0.0.1:${server.addr.port}/`, headers: {} };
  return await getJson(request, { client, signal, limitMs: 2_000 });
}

const REPLIES: readonly (readonly [string, string | null, ResponseInit, JsonValue])[] = [
  ["a document is given", "[1]", {}, [1]],
  ["an error's document is none", "[1]", { status: 500 }, null],
  ["a redirect is not followed", null, { status: 302, headers: { "location": "/other" } }, null],
  ["what is no JSON is none", "<html>", {}, null],
];

for (const [what, body, init, expected] of REPLIES) {
  timedTest(`getJson(): ${what}`, async () => {
    assert.deepEqual(await getFrom(new Response(body, init)), expected);
  });
}
