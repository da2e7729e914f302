/** Writes to the ledger named by the first argument until it is killed; tells how many rows are surely there. */

import { openLedger } from "../../src/ledger/file.ts";
import { createLedgerWriter } from "../../src/ledger/writer.ts";
import { sampleEntry } from "./samples.ts";

const [path = "", prefix = ""] = Deno.args;
const open = () => openLedger({ path, nowMs: 0 });
const opened = open();
if (!opened.ok) throw new Error(opened.message);
const writer = createLedgerWriter({
  store: opened.store,
  reopen: open,
  warn: (message) => {
    throw new Error(message);
  },
  retentionDays: null,
});

for (let count = 1;; count++) {
  writer.record(sampleEntry({ id: `${prefix}${count}` }));
  if (count % 20 !== 0) continue;
  await writer.flush();
  await Deno.stdout.write(new TextEncoder().encode(`${count}\n`));
}
