import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { startDaemon } from "../../src/server/daemon.ts";
import { openStore, sampleAttempt, sampleEntry, withFolder } from "../ledger/samples.ts";
import { ASK } from "../support/cascade_case.ts";
import { timedTest } from "../support/deadline.ts";
import { ollamaLines } from "../support/upstream_wire_ollama.ts";

timedTest(
  "a daemon sets its deadlines by what the ledger has seen, and asks whether the model is loaded",
  () =>
    withFolder(async (folder) => {
      const paths: string[] = [];
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen: () => {} },
        (request) => {
          const { pathname } = new URL(request.url);
          paths.push(`${request.method} ${pathname}`);
          if (pathname === "/api/ps") {
            return Response.json({ "models": [{ "model": "llama3.2:3b" }] });
          }
          const lines = ollamaLines({ text: ["Hello."] }).join("");
          return new Response(lines, { headers: { "content-type": "application/x-ndjson" } });
        },
      );
      const toml = `[server]
bind = "127.0.0.1:0"
[providers.ollama]
base_url = "http://127.0.0.1:${server.addr.port}"
[models.home]
provider = "ollama"
model_id = "llama3.2:3b"
local = true`;
      const ledgerPath = `${folder}/ledger.db`;
      const store = openStore(ledgerPath);
      store.insertEntries(Array.from({ length: 16 }, (_, index) =>
        sampleEntry({ id: `r${index}` }, [
          sampleAttempt({ provider: "ollama", modelId: "llama3.2:3b", ttftMs: 100 }),
        ])));
      store.close();
      const options = { file: `${folder}/config.toml`, env: () => undefined, now: new Date() };
      const parsed = await parseConfig(toml, options);
      assert.ok(parsed.ok);
      const started = await startDaemon({ config: parsed.config, ledgerPath });
      assert.ok(started.type === "running");
      const { daemon } = started;
      for (let count = 0; count < 2; count++) {
        const response = await fetch(`${daemon.baseUrl}/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ ...ASK, "stream": true }),
        });
        assert.match(await response.text(), /Hello\./);
      }
      await daemon.close();
      assert.deepEqual(paths, ["GET /api/ps", "POST /api/chat", "POST /api/chat"]);
    }),
);
