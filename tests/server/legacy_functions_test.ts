import assert from "node:assert/strict";
import { arrayAt, objectAt, stringAt, valueAt } from "../../src/core/json.ts";
import type { ProviderKind } from "../../src/core/provider.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { deltasIn, readResponse } from "../support/got.ts";
import { Upstream } from "../support/upstream.ts";

const CALLS = [
  { id: "call_one", name: "get_weather", arguments: '{"city":"Paris"}' },
  { id: "call_two", name: "get_weather", arguments: '{"city":"Rome"}' },
];
const REQUEST = {
  "model": "one",
  "messages": [{ "role": "user", "content": "The weather?" }],
  "functions": [{ "name": "get_weather", "parameters": { "type": "object" } }],
};
const MODEL = 'model_id = "claude-haiku-4-5"';

for (const kind of ["anthropic", "ollama"] satisfies readonly ProviderKind[]) {
  timedTest(`${kind}: clients of the older functions read the call that they know`, async () => {
    await using upstream = new Upstream(kind, (exchange) => exchange.answer({ calls: CALLS }));
    const model = kind === "anthropic" ? MODEL : "";
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream, model }]));
    const whole = await daemon.chat(REQUEST);
    assert.equal(whole.headers.get("x-pirouter-dropped"), null);
    const [choice] = arrayAt(await whole.json(), "choices");
    const message = objectAt(choice, "message");
    assert.deepEqual(objectAt(message, "function_call"), {
      "name": "get_weather",
      "arguments": '{"city":"Paris"}',
    });
    assert.equal(arrayAt(message, "tool_calls").length, 2, "no call is lost");
    assert.equal(stringAt(choice, "finish_reason"), "function_call");

    const streamed = await readResponse(await daemon.chat({ ...REQUEST, "stream": true }));
    const pieces = deltasIn(streamed.bodies).flatMap((delta) =>
      valueAt(delta, "function_call") ?? []
    );
    assert.equal(pieces.flatMap((piece) => stringAt(piece, "name") ?? []).join(), "get_weather");
    const text = pieces.map((piece) => stringAt(piece, "arguments") ?? "").join("");
    assert.deepEqual(JSON.parse(text), { "city": "Paris" });
    assert.equal(streamed.finish, "function_call");
  });
}

timedTest("clients of tools are told nothing in the older form", async () => {
  await using upstream = new Upstream("ollama", (exchange) => exchange.answer({ calls: CALLS }));
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
  const { functions, ...rest } = REQUEST;
  const tools = functions.map((definition) => ({ "type": "function", "function": definition }));
  const response = await daemon.chat({ ...rest, functions, tools });
  assert.doesNotMatch(await response.text(), /function_call/);
});
