import assert from "node:assert/strict";
import { askFor, outcomesOf, SPARE_TEXT, withCascade } from "../support/cascade_case.ts";
import { timedTest } from "../support/deadline.ts";

timedTest(
  "an upstream that only pings runs into the first-token deadline",
  () =>
    withCascade(async (exchange) => {
      await exchange.sendStreamHead();
      const pings = setInterval(() => void exchange.sendChunk(": ping\n\n").catch(() => {}), 20);
      await exchange.clientLeft;
      clearInterval(pings);
    }, async ({ daemon }) => {
      const got = await askFor(daemon, true);
      assert.equal(got.text, SPARE_TEXT);
      assert.deepEqual(await outcomesOf(daemon), ["first:timeout", "spare:ok"]);
    }, { provider: "first_token_timeout_secs = 0.3" }),
);
