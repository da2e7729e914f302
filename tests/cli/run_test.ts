import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { DaemonProcess, runProcess, withConfig } from "../support/cli_process.ts";
import { CANARY_KEY, tomlFor } from "../support/daemon.ts";
import { timedTest, within } from "../support/deadline.ts";
import { SseClient } from "../support/sse_client.ts";
import { type Exchange, Upstream } from "../support/upstream.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

const HAS_SIGNALS = Deno.build.os !== "windows";
const ASK = { "model": "auto", "messages": [{ "role": "user", "content": "hi" }] };

function configFor(upstream: Upstream, server = ""): string {
  return '[ledger]\npath = "ledger.db"\n' + tomlFor([{ alias: "only", upstream }], { server });
}

/** Posts a chat request by a client of its own, so that no connection outlives the test. */
async function post(
  daemon: DaemonProcess,
  body: object,
  use: (response: Response) => Promise<void>,
): Promise<void> {
  using client = Deno.createHttpClient({});
  const response = await fetch(`${daemon.baseUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    client,
  });
  await use(response);
}

function readStatuses(folder: string): readonly unknown[] {
  const database = new DatabaseSync(`${folder}/ledger.db`, { readOnly: true });
  try {
    return database.prepare("SELECT status FROM requests ORDER BY rowid").all()
      .map((row) => row["status"]);
  } finally {
    database.close();
  }
}

function assertOneLine(err: string, pattern: RegExp): void {
  assert.match(err, pattern);
  assert.equal(err.trimEnd().split("\n").length, 1, err);
  assert.doesNotMatch(err, /\bat .*\.ts:\d+|error: Uncaught/);
}

if (HAS_SIGNALS) {
  timedTest("run serves, and SIGTERM writes the ledger and ends it with 0", async () => {
    await using upstream = new Upstream(
      "openai",
      (exchange) => exchange.answer({ text: ["hello"] }),
    );
    await withConfig(configFor(upstream), async ({ config, folder }) => {
      await using daemon = await DaemonProcess.start(config);
      await post(daemon, ASK, async (response) => {
        const answer = await response.json();
        assert.equal(answer.choices?.[0].message.content, "hello", JSON.stringify(answer));
      });
      daemon.kill("SIGTERM");
      const { code, out, err } = await daemon.end();
      assert.deepEqual([code, out], [0, ""]);
      assert.deepEqual(readStatuses(folder), ["ok"]);
      assert.equal(err.match(/listens on/g)?.length, 1);
      assert.match(err, new RegExp(`config {2}${config}\n.*ledger {2}${folder}/ledger.db\n`));
      assert.match(err, /models {2}only\n/);
      assert.match(
        err,
        / info daemon: request id=\S+ rule=in-order model=only status=ok http=200 /,
      );
      assert.ok(err.endsWith("pirouter has stopped.\n"));
      assert.ok(!err.includes(CANARY_KEY) && !err.includes("\x1b"));
    });
  });

  timedTest(
    "SIGTERM lets a stream end, and takes no new connection meanwhile",
    () =>
      withStream("", async ({ daemon, exchange, client }) => {
        daemon.kill("SIGTERM");
        await daemon.sees(/^Stopping/);
        await within(waitUntilRefused(daemon.baseUrl), "the end of listening");
        await exchange.sendChunk(openaiChunk({ "content": "two" }, "stop") + "data: [DONE]\n\n");
        await exchange.endChunks();
        assert.equal((await client.readAll()).at(-1), "[DONE]");
        assert.equal((await daemon.end()).code, 0);
      }, ["ok"]),
  );

  timedTest(
    "a stream that does not end within the drain time gets an error event",
    () =>
      withStream("drain_timeout_secs = 0.1", async ({ daemon, exchange, client }) => {
        daemon.kill("SIGTERM");
        const rest = await client.readAll();
        assert.equal(rest.length, 1);
        assert.match(JSON.parse(rest[0] ?? "").error.message, /pirouter is stopping/);
        await exchange.clientLeft;
        assert.equal((await daemon.end()).code, 0);
      }, ["error"]),
  );

  timedTest(
    "a second signal ends requests in flight, and the ledger keeps what they used",
    () =>
      withStream("", async ({ daemon, client }) => {
        daemon.kill("SIGTERM");
        await daemon.sees(/^Stopping/);
        daemon.kill("SIGTERM");
        const rest = await client.readAll();
        assert.match(JSON.parse(rest[0] ?? "").error.message, /pirouter is stopping/);
        assert.equal((await daemon.end()).code, 1);
      }, ["error"]),
  );
}

/** Connects again and again: the listener closes a moment after the signal is told. */
async function waitUntilRefused(baseUrl: string): Promise<void> {
  const { hostname, port } = new URL(baseUrl);
  for (;;) {
    try {
      (await Deno.connect({ hostname, port: Number(port) })).close();
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionRefused) return;
      // A connection that the listener had not taken when it closed is reset.
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    }
  }
}

interface OpenStream {
  readonly daemon: DaemonProcess;
  readonly exchange: Exchange;
  /** Has read the first token. */
  readonly client: SseClient;
}

/** A daemon in the middle of a stream; the ledger must then hold these statuses. */
async function withStream(
  server: string,
  use: (stream: OpenStream) => Promise<void>,
  statuses: readonly string[] = [],
): Promise<void> {
  await using upstream = new Upstream("openai");
  await withConfig(configFor(upstream, server), async ({ config, folder }) => {
    await using daemon = await DaemonProcess.start(config);
    const coming = upstream.next().then(async (exchange) => {
      await exchange.sendStreamHead();
      await exchange.sendChunk(openaiChunk({ "content": "one" }, null));
      return exchange;
    });
    await post(daemon, { ...ASK, "stream": true }, async (response) => {
      const client = new SseClient(response);
      const exchange = await coming;
      assert.equal(await client.nextText(), "one");
      await use({ daemon, exchange, client });
    });
    if (statuses.length > 0) assert.deepEqual(readStatuses(folder), statuses);
  });
}

timedTest("a port in use is one line that names it, and exit code 1", async () => {
  await using upstream = new Upstream("openai");
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  await withConfig(configFor(upstream), async ({ config }) => {
    const { code, out, err } = await runProcess(["--config", config, "run", "--port", `${port}`]);
    assert.deepEqual([code, out], [1, ""]);
    assertOneLine(
      withoutWarnings(err),
      new RegExp(`^Cannot listen on 127.0.0.1:${port}: .* in use`),
    );
  });
});

/** The config of these tests keeps its key in the file, which is told. */
function withoutWarnings(err: string): string {
  return err.split("\n").filter((line) => !line.includes(": warning: ")).join("\n");
}

const NO_MODEL = '[providers.openai]\n[models.a]\nprovider = "openai"\nmodel_id = "gpt-5.5"\n';

const BROKEN: readonly (readonly [string, string, RegExp])[] = [
  ["broken TOML", "[server\nbind = 5", /config\.toml:1.*/],
  ["an unknown key", "[server]\nbnd = 5\n[models]", /server\.bnd/],
  ["no usable model", NO_MODEL, /models has no model that can be used/],
];

for (const [name, toml, pattern] of BROKEN) {
  timedTest(
    `run with ${name} tells so, without a stack, and exits with 2`,
    () =>
      withConfig(toml, async ({ config }) => {
        const env = { "OPENAI_API_KEY": "" };
        const { code, out, err } = await runProcess(["--config", config, "run"], { env });
        assert.deepEqual([code, out], [2, ""]);
        assert.match(err, pattern);
        assert.doesNotMatch(err, /\bat .*\.ts:\d+|Uncaught/);
      }),
  );
}

timedTest("run without a config is one line that names the file, and exit code 2", async () => {
  const { code, out, err } = await runProcess(["run"]);
  assert.deepEqual([code, out], [2, ""]);
  assertOneLine(err, /pirouter.config\.toml: there is no such file; copy config\.example\.toml/);
});

timedTest("run with a port that is none exits with 2", async () => {
  for (const port of ["eleven", "70000", "-1", "1.5"]) {
    const { code, err } = await runProcess(["run", "--port", port]);
    assert.equal(code, 2);
    assert.match(err, /--port|unknown option/);
  }
});
