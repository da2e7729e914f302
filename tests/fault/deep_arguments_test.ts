import assert from "node:assert/strict";
import { ASK } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { Upstream } from "../support/upstream.ts";

for (const kind of ["anthropic", "ollama", "openai"] as const) {
  timedTest(`${kind}: call arguments that are nested without end are sent as text`, async () => {
    await using upstream = new Upstream(kind, (exchange) => exchange.answer({ text: ["Fine."] }));
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "one", upstream }]));
    const deep = "[".repeat(20_000) + "]".repeat(20_000);
    const call = { "id": "c", "type": "function", "function": { "name": "f", "arguments": deep } };
    const response = await daemon.chat({
      ...ASK,
      "tools": [{
        "type": "function",
        "function": { "name": "f", "parameters": { "type": "object" } },
      }],
      "messages": [
        { "role": "user", "content": "go" },
        { "role": "assistant", "content": null, "tool_calls": [call] },
        { "role": "tool", "tool_call_id": "c", "content": "done" },
      ],
    });
    assert.equal(response.status, 200);
    await response.text();
    assert.ok(JSON.stringify(upstream.exchanges[0]?.body).includes("[[[["));
  });
}
