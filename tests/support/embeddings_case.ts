/** Models for embeddings at a scripted upstream, and requests to them. */

import type { JsonObject } from "../../src/core/json.ts";
import { TestDaemon, type TestModel, tomlFor } from "./daemon.ts";
import { embeddingsAnswer, PassageUpstream } from "./passage_upstream.ts";

/** Makes a model of the config one for embeddings. */
export const EMBEDDINGS = 'type = "embeddings"';

/** Asks for embeddings. */
export function postEmbeddings(daemon: TestDaemon, body: JsonObject): Promise<Response> {
  return daemon.fetch("/v1/embeddings", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "authorization": "Bearer client-secret",
    },
    body: JSON.stringify(body),
  });
}

/** A daemon before one upstream. */
export interface EmbeddingsSetting {
  readonly daemon: TestDaemon;
  readonly upstream: PassageUpstream;
}

/** Runs a test with these models, by default one to chat and two for embeddings. */
export async function withEmbeddings(
  use: (setting: EmbeddingsSetting) => Promise<void>,
  options: {
    readonly routing?: string;
    readonly models?: readonly Partial<TestModel>[];
  } = {},
): Promise<void> {
  await using upstream = new PassageUpstream(
    "openai",
    (exchange) => exchange.sendWhole(200, embeddingsAnswer("upstream-name")),
  );
  const models = options.models ?? [
    { alias: "chat" },
    { alias: "embed", model: EMBEDDINGS },
    { alias: "other", model: `${EMBEDDINGS}\nmodel_id = "nomic-embed-text"` },
  ];
  const rules = '[[rules]]\nname = "all"\nwhen = { always = true }\nthen = { primary = "chat" }';
  const filled = models.map((model) => ({ alias: "chat", upstream, ...model }));
  await using daemon = await TestDaemon.start(
    tomlFor(filled, {
      rules,
      ...(options.routing ? { routing: options.routing } : {}),
    }),
  );
  await use({ daemon, upstream });
}
