import assert from "node:assert/strict";
import { askFor } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { Upstream } from "../support/upstream.ts";

timedTest("300 streams at once all end, each with its own tokens in order", async () => {
  const count = 300;
  await using upstream = new Upstream("openai", async (exchange) => {
    const name = /ask (\d+)/.exec(exchange.request.text)?.[1] ?? "";
    await exchange.answer({ text: Array.from({ length: 20 }, (_, at) => `${name}.${at} `) });
  });
  await using daemon = await TestDaemon.start(tomlFor([{ alias: "a", upstream }]));
  const asks = Array.from(
    { length: count },
    (_, index) =>
      askFor(daemon, true, { "messages": [{ "role": "user", "content": `ask ${index}.` }] }),
  );
  for (const [index, got] of (await Promise.all(asks)).entries()) {
    const wanted = Array.from({ length: 20 }, (_, at) => `${index}.${at} `).join("");
    assert.equal(got.text, wanted);
  }
  assert.equal((await daemon.ledger(count)).attempts.length, count);
});
