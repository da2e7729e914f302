import assert from "node:assert/strict";
import { KINDS, NO_WAIT, SPARE_TEXT } from "../support/cascade_case.ts";
import { askFor, outcomesOf } from "../support/cascade_case.ts";
import { TestDaemon, type TestModel, tomlFor } from "../support/daemon.ts";
import { rowTest } from "../support/fault_row.ts";
import { type Script, Upstream } from "../support/upstream.ts";

/** Somewhere to connect to. */
interface Target extends AsyncDisposable {
  readonly baseUrl: string;
}

interface NoConnection {
  readonly name: string;
  readonly open: () => Target;
  /** What the client is told of it. */
  readonly told: RegExp;
}

const NOTHING_TO_CLOSE = { [Symbol.asyncDispose]: () => Promise.resolve() };

/** A port that nobody listens on: it was free a moment ago. */
function closedPort(): Target {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return { baseUrl: `http://127.0.0.1:${listener.addr.port}`, ...NOTHING_TO_CLOSE };
}

/** A server that answers whatever comes with this text, and closes. */
function plainServer(scheme: string, reply: string): Target {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async () => {
    for await (const socket of listener) {
      await socket.read(new Uint8Array(65_536));
      await socket.write(new TextEncoder().encode(reply));
      socket.close();
    }
  };
  const serving = serve().catch((error: unknown) => {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  });
  return {
    baseUrl: `${scheme}://127.0.0.1:${listener.addr.port}`,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
    },
  };
}

function scripted(script: Script): () => Target {
  return () => new Upstream("openai", script);
}

const CASES: readonly NoConnection[] = [
  { name: "a refused connection", open: closedPort, told: /refused: is the provider running\?/ },
  {
    name: "a connection that is closed before the head",
    open: scripted((exchange) => Promise.resolve(exchange.cut())),
    told: /closed before an answer/,
  },
  {
    name: "a connection that is reset",
    open: scripted((exchange) => Promise.resolve(exchange.reset())),
    told: /closed before an answer/,
  },
  {
    name: "a connection that is closed within the head",
    open: scripted(async (exchange) => {
      await exchange.sendRaw("HTTP/1.1 200 OK\r\ncontent-ty");
      exchange.cut();
    }),
    told: /closed before an answer/,
  },
  {
    name: "a host name that nobody knows",
    open: () => ({ baseUrl: "http://no-such-host.invalid", ...NOTHING_TO_CLOSE }),
    told: /host name could not be resolved/,
  },
  {
    name: "an unknown host that is called like another fault",
    open: () => ({ baseUrl: "http://refused.invalid", ...NOTHING_TO_CLOSE }),
    told: /host name could not be resolved/,
  },
  {
    name: "TLS to a port without it",
    open: () => plainServer("https", "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"),
    told: /TLS connection failed/,
  },
  {
    name: "a server of another protocol",
    open: () => plainServer("http", "SSH-2.0-OpenSSH_9.9\r\n"),
    told: /the connection failed/,
  },
];

for (const { name, open, told } of CASES) {
  rowTest("no-connection", {
    name: `${name} leads to the next candidate`,
    body: async () => {
      for (const stream of [true, false]) {
        await using target = open();
        await using spare = new Upstream(
          "openai",
          (exchange) => exchange.answer({ text: [SPARE_TEXT] }),
        );
        await using daemon = await TestDaemon.start(tomlFor([
          modelAt(target),
          { alias: "spare", upstream: spare },
        ]));
        const got = await askFor(daemon, stream);
        assert.deepEqual([got.status, got.text, got.finish], [200, SPARE_TEXT, "stop"]);
        assert.deepEqual(await outcomesOf(daemon), ["first:connect", "spare:ok"]);
        assert.equal(spare.exchanges.length, 1);
      }
    },
  });

  rowTest("no-connection", {
    name: `${name} of a lone candidate is told in words, and without its address`,
    body: async () => {
      await using target = open();
      const toml = tomlFor([modelAt(target)], { cascade: NO_WAIT });
      await using daemon = await TestDaemon.start(toml);
      const got = await askFor(daemon, true);
      assert.deepEqual([got.status, got.error?.["code"]], [502, "upstream_connect"]);
      assert.match(String(got.error?.["message"]), told);
      const { host } = new URL(target.baseUrl);
      assert.ok(!got.raw.includes(host), got.raw);
      const { requests, attempts } = await daemon.ledger();
      assert.deepEqual(attempts.map((row) => row["http_status"]), [null]);
      assert.deepEqual(
        [requests[0]?.["status"], requests[0]?.["http_status"]],
        ["exhausted", 502],
      );
    },
  });
}

function modelAt({ baseUrl }: Target): TestModel {
  return { alias: "first", upstream: { kind: "openai", baseUrl } };
}

rowTest("no-connection", {
  name: "no dialect is refused a connection in another way",
  body: async () => {
    await using target = closedPort();
    const models = KINDS.map((kind): TestModel => ({
      alias: kind,
      upstream: { kind, baseUrl: target.baseUrl },
      model: kind === "anthropic" ? 'model_id = "claude-haiku-4-5"' : "",
    }));
    await using daemon = await TestDaemon.start(tomlFor(models, { cascade: NO_WAIT }));
    const got = await askFor(daemon, true);
    assert.equal(got.status, 502);
    assert.match(
      String(got.error?.["message"]),
      /3 attempts: openai at openai: connect; anthropic at anthropic: connect; ollama at ollama: connect/,
    );
  },
});
