import assert from "node:assert/strict";
import { queryRows, withFolder } from "./samples.ts";

const ROUNDS = 5;
const ROWS_BEFORE_KILL = 200;

/** Kills a writer in the middle of its work; gives the number of rows that it had acknowledged. */
async function killWriter(path: string, prefix: string): Promise<number> {
  const script = new URL("endless_writer.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-read", "--allow-write", script, path, prefix],
    stdout: "piped",
  }).spawn();
  let acknowledged = 0;
  let isKilled = false;
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    acknowledged = Number(lines.at(-1) ?? acknowledged);
    if (isKilled || acknowledged < ROWS_BEFORE_KILL) continue;
    isKilled = true;
    child.kill("SIGKILL");
  }
  await child.status;
  return acknowledged;
}

Deno.test({
  name: "a daemon that is killed while it writes leaves a sound ledger with every flushed row",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder) => {
      const path = `${folder}/ledger.db`;
      for (let round = 0; round < ROUNDS; round++) {
        const acknowledged = await killWriter(path, `round${round}_`);
        assert(acknowledged >= ROWS_BEFORE_KILL, `the writer ended after ${acknowledged} rows`);
        const [check] = queryRows(path, "PRAGMA integrity_check");
        assert.deepEqual(check, { "integrity_check": "ok" });
        const [row] = queryRows(
          path,
          `SELECT count(*) AS rows FROM requests JOIN attempts ON request_id = id
             WHERE id LIKE 'round${round}\\_%' ESCAPE '\\'`,
        );
        assert(Number(row?.["rows"]) >= acknowledged, `${row?.["rows"]} of ${acknowledged} rows`);
      }
    }),
});
