import assert from "node:assert/strict";
import { askFor, SPARE_TEXT } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import { openSilentPort } from "../support/silent_port.ts";
import { Upstream } from "../support/upstream.ts";

/** Elsewhere than on Linux a listener with a full queue refuses connections, or takes more of them. */
const HAS_NO_SILENT_PORT = Deno.build.os !== "linux";

for (const stream of [true, false]) {
  rowTest("no-connection", {
    name: `a host that does not answer at all is given up soon (stream ${stream})`,
    ignore: HAS_NO_SILENT_PORT,
    body: async () => {
      using silent = await openSilentPort();
      await using spare = new Upstream(
        "openai",
        (exchange) => exchange.answer({ text: [SPARE_TEXT] }),
      );
      const first = { kind: "openai", baseUrl: silent.baseUrl } as const;
      await using daemon = await TestDaemon.start(tomlFor([
        { alias: "first", upstream: first, provider: "connect_timeout_secs = 0.2" },
        { alias: "spare", upstream: spare },
      ]));
      assert.equal((await askFor(daemon, stream)).text, SPARE_TEXT);
      const { attempts: [failed, answered] } = await daemon.ledger();
      assert.deepEqual([failed?.["outcome"], answered?.["outcome"]], ["connect", "ok"]);
      const tookMs = Number(failed?.["latency_ms"]);
      assert.ok(tookMs >= 190 && tookMs < 1_200, `given up after ${tookMs} ms`);
    },
  });
}

rowTest("no-connection", {
  name: "the error of a lone host that does not answer says so",
  ignore: HAS_NO_SILENT_PORT,
  body: async () => {
    using silent = await openSilentPort();
    const upstream = { kind: "ollama", baseUrl: silent.baseUrl } as const;
    const provider = "connect_timeout_secs = 0.2";
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "lone", upstream, provider }]));
    const got = await askFor(daemon, false);
    assert.deepEqual([got.status, got.error?.["code"]], [502, "upstream_connect"]);
    assert.match(
      String(got.error?.["message"]),
      /no connection within 0\.2 s: is the .* host up\?/,
    );
  },
});

rowTest("no-connection", {
  name: "an upstream that thinks for longer than a connection may take is not given up",
  body: async () => {
    await using upstream = new Upstream("openai");
    const provider = "connect_timeout_secs = 0.1";
    await using daemon = await TestDaemon.start(tomlFor([{ alias: "slow", upstream, provider }]));
    const asking = askFor(daemon, true);
    const exchange = await upstream.next();
    // What is tested is the pace: several times as long as a connection may take.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await exchange.answer({ text: ["Well thought out."] });
    assert.equal((await asking).text, "Well thought out.");
  },
});
