import assert from "node:assert/strict";
import type { LedgerEntry } from "../../src/ledger/ledger.ts";
import { timedTest } from "../support/deadline.ts";
import { buildModel } from "../support/models.ts";
import { snapshotOf, streamFrom } from "../support/run_case.ts";

const TOML = `
[providers.ollama]
[models.real]
provider = "ollama"
model_id = "real"
local = true`;

timedTest("a defect is one ledger entry that says error, not that the client left", async () => {
  using snapshot = await snapshotOf(TOML);
  const model = buildModel({ alias: "ghost", provider: "nowhere" });
  const entries: LedgerEntry[] = [];
  const ledger = { record: (entry: LedgerEntry) => void entries.push(entry) };
  await assert.rejects(streamFrom(snapshot, model, { ledger }).next(), /has no provider "nowhere"/);
  assert.deepEqual(entries.map(({ request }) => [request.status, request.httpStatus]), [
    ["error", 500],
  ]);
});
