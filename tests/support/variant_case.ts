/** Many variants of one answer, each at a model of its own, so that no fault cools another one down. */

import type { JsonObject } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { ASK, SPARE_TEXT } from "./cascade_case.ts";
import { CANARY_KEY, TestDaemon, tomlFor } from "./daemon.ts";
import { type Got, readResponse } from "./got.ts";
import { type Exchange, Upstream } from "./upstream.ts";

/** The upstream of the variants, a spare that answers, and the daemon before them. */
export interface Variants {
  readonly daemon: TestDaemon;
  readonly varied: Upstream;
  readonly spare: Upstream;
  /** Asks for one variant, streamed, with usage. */
  readonly ask: (variant: number, fields?: JsonObject) => Promise<Got>;
}

/** What the variants are. */
export interface VariantOptions {
  readonly kind: ProviderKind;
  /** How many; they are counted from 0. */
  readonly count: number;
  readonly script: (exchange: Exchange, variant: number) => Promise<void>;
}

/** Runs a test with variants of an answer; each has its own model `m<n>`, the next candidate is the spare. */
export async function withVariants(
  { kind, count, script }: VariantOptions,
  use: (variants: Variants) => Promise<void>,
): Promise<void> {
  await using varied = new Upstream(
    kind,
    (exchange) => script(exchange, Number(String(exchange.body["model"]).slice(1))),
  );
  await using spare = new Upstream("openai", (exchange) => exchange.answer({ text: [SPARE_TEXT] }));
  await using daemon = await TestDaemon.start(tomlOf({ varied, spare, count }));
  const ask = async (variant: number, fields: JsonObject = {}) => {
    const body = { ...ASK, "stream": true, "stream_options": { "include_usage": true }, ...fields };
    const headers = { [PICK_HEADER]: `m${variant}` };
    return await readResponse(await daemon.chat(body, { headers }));
  };
  await use({ daemon, varied, spare, ask });
}

const PICK_HEADER = "x-pick";

function tomlOf(
  of: { readonly varied: Upstream; readonly spare: Upstream; readonly count: number },
): string {
  const { varied, spare, count } = of;
  const models = Array.from(
    { length: count },
    (_, variant) =>
      `[models.m${variant}]\nprovider = "varied"\nmodel_id = "m${variant}"\n` +
      `input_per_m = 1\noutput_per_m = 2\ncontext_window = 200000\nsupports_tools = true`,
  );
  const rules = [
    `[providers.varied]\nkind = "${varied.kind}"\nbase_url = "${varied.baseUrl}"`,
    `api_key = "${CANARY_KEY}"`,
    ...models,
    `[[rules]]\nname = "pick"\nwhen = { header = { name = "${PICK_HEADER}", any_value = true } }`,
    `then = { primary = "$header:${PICK_HEADER}", cascade = ["spare"] }`,
  ];
  return tomlFor([{ alias: "spare", upstream: spare }], { rules: rules.join("\n") });
}

/** How many requests are under way at once. */
const WIDTH = 48;

/** Does something for each variant, many at once; the results are in their order. */
export async function forEachVariant<T>(
  count: number,
  run: (variant: number) => Promise<T>,
): Promise<readonly T[]> {
  const results: T[] = [];
  const rest = Array.from({ length: count }, (_, variant) => variant).values();
  const work = async () => {
    for (const variant of rest) results[variant] = await run(variant);
  };
  await Promise.all(Array.from({ length: WIDTH }, work));
  return results;
}
