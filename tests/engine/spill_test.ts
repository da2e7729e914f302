import assert from "node:assert/strict";
import { askFor } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { type Exchange, Upstream } from "../support/upstream.ts";

const LONG = "An answer that is long enough to count as one.";

interface World {
  readonly home: Upstream;
  readonly cloud: Upstream;
  readonly daemon: TestDaemon;
}

/** A local model whose answers a test gives by hand, and a hosted one that answers at once. */
async function withHome(profile: string, use: (world: World) => Promise<void>): Promise<void> {
  await using home = new Upstream("ollama");
  await using cloud = new Upstream("openai", (exchange) => exchange.answer({ text: [LONG] }));
  const model = "local = true\ninput_per_m = 0.0\noutput_per_m = 0.0";
  const models = [
    { alias: "home", upstream: home, model },
    { alias: "cloud", upstream: cloud, model: "input_per_m = 0.5\noutput_per_m = 1.0" },
  ];
  const routing = `profile = "${profile}"`;
  await using daemon = await TestDaemon.start(tomlFor(models, { rules: "", routing }));
  await use({ home, cloud, daemon });
}

const answer = (exchange: Exchange) => exchange.answer({ text: [LONG] });

timedTest(
  "balanced gives a request to the cloud while the local model is busy, and says why",
  () =>
    withHome("balanced", async ({ home, cloud, daemon }) => {
      const first = askFor(daemon, false);
      const held = await home.next();
      assert.equal((await askFor(daemon, false)).text, LONG);
      assert.equal(cloud.exchanges.length, 1);
      await answer(held);
      assert.equal((await first).text, LONG);
      const third = askFor(daemon, false);
      await answer(await home.next());
      await third;
      const { requests } = await daemon.ledger(3);
      assert.deepEqual(requests.map((row) => row["primary_model"]).toSorted(), [
        "cloud",
        "home",
        "home",
      ]);
      const spilled = requests.find((row) => row["primary_model"] === "cloud");
      assert.match(String(spilled?.["explanation"]), /has 1 request ahead of it: about 10 s/);
    }),
);

timedTest(
  "local-first waits for the local model that is busy",
  () =>
    withHome("local-first", async ({ home, cloud, daemon }) => {
      const first = askFor(daemon, false);
      const held = await home.next();
      const second = askFor(daemon, false);
      const waiting = await home.next();
      for (const exchange of [held, waiting]) await answer(exchange);
      await Promise.all([first, second]);
      assert.equal(cloud.exchanges.length, 0);
      const { requests } = await daemon.ledger(2);
      assert.match(JSON.stringify(requests), /home has 1 request ahead of it: about 10 s/);
    }),
);
