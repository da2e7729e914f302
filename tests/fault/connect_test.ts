import assert from "node:assert/strict";
import { askFor, outcomesOf, SPARE_TEXT } from "../support/cascade_case.ts";
import { TestDaemon, tomlFor } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import { Upstream } from "../support/upstream.ts";

/** A port of this machine that takes no connection: its queue of new ones is full, as Linux has it. */
async function fillPort(): Promise<Disposable & { readonly baseUrl: string }> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr;
  const opened: Deno.TcpConn[] = [];
  const left = new AbortController();
  const connect = () => Deno.connect({ hostname: "127.0.0.1", port, signal: left.signal });
  for (let isFull = false; !isFull;) {
    const connection = connect();
    const pause = Promise.withResolvers<null>();
    const timer = setTimeout(() => pause.resolve(null), 200);
    const first = await Promise.race([connection, pause.promise]);
    clearTimeout(timer);
    isFull = first === null;
    if (first !== null) opened.push(first);
    else connection.then((late) => late.close(), () => "as it should");
  }
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    [Symbol.dispose]: () => {
      left.abort();
      for (const connection of opened) connection.close();
      listener.close();
    },
  };
}

for (const stream of [true, false]) {
  rowTest("no-connection", {
    name: `a host that does not answer at all is given up soon (stream ${stream})`,
    body: async () => {
      using silent = await fillPort();
      await using spare = new Upstream(
        "openai",
        (exchange) => exchange.answer({ text: [SPARE_TEXT] }),
      );
      const first = { kind: "openai", baseUrl: silent.baseUrl } as const;
      const provider = "connect_timeout_secs = 0.4";
      const models = [{ alias: "first", upstream: first, provider }, {
        alias: "spare",
        upstream: spare,
      }];
      await using daemon = await TestDaemon.start(tomlFor(models));
      const startedAt = performance.now();
      assert.equal((await askFor(daemon, stream)).text, SPARE_TEXT);
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs >= 390 && tookMs < 1_500, `${tookMs} ms`);
      assert.deepEqual(await outcomesOf(daemon), ["first:connect", "spare:ok"]);
    },
  });
}

rowTest("no-connection", {
  name: "the error of a lone host that does not answer says so",
  body: async () => {
    using silent = await fillPort();
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
    await new Promise((resolve) => setTimeout(resolve, 400));
    await exchange.answer({ text: ["Well thought out."] });
    assert.equal((await asking).text, "Well thought out.");
  },
});
