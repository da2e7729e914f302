import assert from "node:assert/strict";
import { parsePassageRequest } from "../../src/core/passage.ts";
import { type PassageInput, runPassage } from "../../src/engine/passage.ts";
import type { LedgerEntry } from "../../src/ledger/ledger.ts";
import { timedTest } from "../support/deadline.ts";
import { buildModel } from "../support/models.ts";
import { snapshotOf } from "../support/run_case.ts";

/** A model at a port where nobody listens. */
const TOML = `
[providers.ollama]
base_url = "http://127.0.0.1:9"
[models.real]
provider = "ollama"
model_id = "real"
local = true`;

/** The entries of a passage that ends with an exception. */
async function entriesOf(change: Partial<PassageInput>): Promise<readonly LedgerEntry[]> {
  using snapshot = await snapshotOf(TOML);
  const entries: LedgerEntry[] = [];
  const parsed = parsePassageRequest({ prompt: "a" }, "completions");
  assert.ok(parsed.ok);
  const model = snapshot.config.catalog.get("real") ?? assert.fail("no model");
  const { signal } = new AbortController();
  const events = runPassage({
    requestId: "r",
    request: parsed.value,
    clock: { ts: 1, startedAt: performance.now() },
    target: { model, reason: "", other: null },
    snapshot: { ...snapshot, redact: () => assert.fail("a defect") },
    signal,
    closing: signal,
    ledger: { record: (entry) => void entries.push(entry) },
    clientLimit: null,
    isHeadSent: () => false,
    ...change,
  });
  await assert.rejects(events.next());
  return entries;
}

const GHOST = buildModel({ alias: "ghost", provider: "nowhere" });

const CASES: Readonly<Record<string, Partial<PassageInput>>> = {
  "a defect in a passage": {},
  "a passage to a model without a provider": { target: { model: GHOST, reason: "", other: null } },
};

for (const [name, change] of Object.entries(CASES)) {
  timedTest(`${name} is one ledger entry that says error`, async () => {
    const entries = await entriesOf(change);
    assert.deepEqual(entries.map(({ request }) => [request.status, request.httpStatus]), [
      ["error", 500],
    ]);
  });
}
