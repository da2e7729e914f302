import assert from "node:assert/strict";
import { openStore, sampleAttempt, sampleEntry } from "../ledger/samples.ts";
import { askFor } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { timedTest } from "../support/deadline.ts";
import { Upstream } from "../support/upstream.ts";

const MODEL_ID = "llama3.2:3b";

/** Makes a ledger that has seen enough first tokens of the model. */
function seedLedger(path: string): void {
  const attempt = sampleAttempt({ provider: "home", modelId: MODEL_ID, ttftMs: 100 });
  const store = openStore(path);
  store.insertEntries(
    Array.from({ length: 16 }, (_, index) => sampleEntry({ id: `r${index}` }, [attempt])),
  );
  store.close();
}

timedTest(
  "a daemon sets its deadlines by what the ledger has seen, and asks whether the model is loaded",
  async () => {
    const askedAt: number[] = [];
    await using upstream = new Upstream("ollama", async (exchange) => {
      askedAt.push(upstream.loadedCount);
      await exchange.answer({ text: ["Hello."] });
    });
    upstream.loadedModels.push(MODEL_ID);
    const model = `model_id = "${MODEL_ID}"\nlocal = true`;
    const toml = tomlFor([{ alias: "home", upstream, model }]);
    await using daemon = await TestDaemon.start(toml, seedLedger);
    for (let count = 0; count < 2; count++) {
      assert.equal((await askFor(daemon, true)).text, "Hello.");
    }
    assert.deepEqual(askedAt, [1, 1], "once, before the first request");
  },
);
