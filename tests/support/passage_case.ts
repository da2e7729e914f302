/** A daemon with one model for text and one for embeddings, at one upstream. */

import type { JsonObject } from "../../src/core/json.ts";
import { TestDaemon, tomlFor } from "./daemon.ts";
import { PassageUpstream } from "./passage_upstream.ts";
import type { Script } from "./upstream.ts";

type Headers = Readonly<Record<string, string>>;

/** What such a test has to do with. */
export interface PassageSetting {
  readonly daemon: TestDaemon;
  readonly upstream: PassageUpstream;
  embed(headers?: Headers, body?: JsonObject): Promise<Response>;
  complete(body?: JsonObject, headers?: Headers): Promise<Response>;
}

/** Runs a test with such a daemon. */
export async function withPassage(
  use: (setting: PassageSetting) => Promise<void>,
  options: { readonly script?: Script; readonly provider?: string } = {},
): Promise<void> {
  await using upstream = new PassageUpstream("openai", options.script);
  const { provider = "" } = options;
  await using daemon = await TestDaemon.start(tomlFor([
    { alias: "text", upstream, provider },
    { alias: "embed", upstream, provider, model: 'type = "embeddings"' },
  ], { rules: "" }));
  const post = (path: string, body: JsonObject, headers: Headers = {}) =>
    daemon.fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  await use({
    daemon,
    upstream,
    embed: (headers, body) =>
      post("/v1/embeddings", { "model": "embed", "input": "a", ...body }, headers),
    complete: (body, headers) =>
      post("/v1/completions", { "model": "text", "prompt": "a", ...body }, headers),
  });
}
