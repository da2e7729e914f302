import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { runRoute } from "../../src/engine/run.ts";
import { createSnapshot } from "../../src/engine/snapshot.ts";
import type { LedgerEntry } from "../../src/ledger/ledger.ts";
import { timedTest } from "../support/deadline.ts";
import { buildFeatures, buildModel, buildRequest } from "../support/models.ts";

const TOML = `
[providers.ollama]
[models.real]
provider = "ollama"
model_id = "real"
local = true`;

timedTest("a defect is one ledger entry that says error, not that the client left", async () => {
  const parsed = await parseConfig(TOML, { file: "x", env: () => undefined, now: new Date() });
  assert.ok(parsed.ok);
  using snapshot = createSnapshot(parsed.config);
  const request = buildRequest("hi");
  const model = buildModel({ alias: "ghost", provider: "nowhere" });
  const entries: LedgerEntry[] = [];
  const events = runRoute({
    requestId: "r",
    request,
    features: buildFeatures(request),
    plan: {
      candidates: [{ model, expectedCostUsd: null, caution: null, cooldown: null, rank: 0 }],
      ruleName: "test",
      reasons: [],
      rejected: [],
    },
    snapshot,
    signal: new AbortController().signal,
    closing: new AbortController().signal,
    ledger: { record: (entry) => void entries.push(entry) },
    clientLimit: null,
    clock: { ts: 1, startedAt: performance.now() },
    isHeadSent: () => false,
  });
  await assert.rejects(events.next(), /has no provider "nowhere"/);
  assert.deepEqual(entries.map(({ request }) => [request.status, request.httpStatus]), [
    ["error", 500],
  ]);
});
