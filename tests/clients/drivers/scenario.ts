/** How a prompt tells the strict upstreams what to play: for tests, and for drivers under Node. */

import { Buffer } from "node:buffer";

/** The answer of the scenario `ok`. */
export const OK_TEXT =
  "Hello from the mock upstream: one two three four five six seven eight nine ten.";

/** A picture of one dot. */
export const IMAGE: Uint8Array = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

/** What the scenario `image` says when that picture came through, byte for byte. */
export const IMAGE_ANSWER = new RegExp(`IMAGE<<image/\\S+ ${IMAGE.length} `);

/** What a scenario may be told. */
export interface ScenarioOptions extends Readonly<Record<string, unknown>> {
  /** The arguments of the tool that is called. */
  readonly args?: Readonly<Record<string, unknown>>;
}

/** A prompt that names its scenario. */
export function askFor(scenario: string, { args, ...options }: ScenarioOptions = {}): string {
  const words = [
    scenario,
    ...Object.entries(options).map(([name, value]) => `${name}=${value}`),
    ...(args === undefined ? [] : [`args64=${encodeArguments(args)}`]),
  ];
  return `Please answer. [[mock:${words.join(" ")}]]`;
}

function encodeArguments(args: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(args)).toString("base64url");
}
