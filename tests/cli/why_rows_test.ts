import assert from "node:assert/strict";
import {
  createSchemaOne,
  openStore,
  SAMPLE_EXPLANATION,
  sampleAttempt,
  sampleEntry,
  withFolder,
  withLedger,
} from "../ledger/samples.ts";
import { run } from "../support/cli_run.ts";

Deno.test("why shows what is known of a row that an older pirouter wrote, and says so", () =>
  withFolder(async (folder) => {
    const path = `${folder}/ledger.db`;
    createSchemaOne(path);
    const before = await run(["why", "--ledger", path]);
    openStore(path).close(); // the daemon brings it up to date
    const after = await run(["why", "--ledger", path]);
    for (const { code, out, err } of [before, after]) {
      assert.deepEqual([code, err], [0, ""]);
      assert.match(out, /^request {3}old-request\n/);
      assert.match(out, /difficulty easy\n/);
      assert.match(out, /\nWhy\n {2}- policy:balanced; the row is of an older pirouter/);
      assert.match(out, /\n1 {2}small {2}acme {6}ok .*\$0\.50\n/);
      assert.doesNotMatch(out, /Candidates|Otherwise|committed/);
    }
    const json = JSON.parse((await run(["why", "--ledger", path, "--json"])).out);
    assert.equal(json.explanation, null);
  }));

Deno.test("why shows a request that no model could take", () =>
  withLedger([sampleEntry({
    primaryModel: "",
    finalModel: null,
    status: "error",
    httpStatus: 400,
    explanation: { ...SAMPLE_EXPLANATION, candidates: [], otherwise: null },
  }, [])], async (path) => {
    const { code, out } = await run(["why", "--ledger", path]);
    assert.equal(code, 0);
    assert.match(out, /\nanswered {2}by no model; error \(HTTP 400\)\n/);
    assert.match(out, /\nAttempts\n {2}- none: no model was asked\n/);
    assert.doesNotMatch(out, /Candidates/);
    assert.match(out, /\nOtherwise\n {2}- no other model could have taken it\n$/);
  }));

Deno.test("why lists eight of the models that were left out and counts the rest", () => {
  const rejected = Array.from({ length: 30 }, (_, index) => ({
    alias: `m${index}`,
    reason: "is disabled in the config",
  }));
  const explanation = { ...SAMPLE_EXPLANATION, rejected };
  return withLedger([sampleEntry({ explanation })], async (path) => {
    const { out } = await run(["why", "--ledger", path]);
    assert.match(out, /\nm7 .*\nand 22 more, which --json lists\n/);
    assert.doesNotMatch(out, /m8/);
    const json = JSON.parse((await run(["why", "--ledger", path, "--json"])).out);
    assert.equal(json.explanation.rejected.length, 30);
  });
});

Deno.test("why escapes whatever came from outside", () => {
  const evil = "evil\u001b[2J\nname\u202e";
  const explanation = {
    reasons: [evil],
    candidates: [{ "alias": evil, "expected_cost_usd": 0, "note": evil }],
    rejected: [{ alias: evil, reason: evil }],
    otherwise: { alias: evil, reason: evil },
  };
  const entry = sampleEntry({ requestedModel: evil, routeRule: evil, explanation }, [
    sampleAttempt({ alias: evil, provider: evil }),
  ]);
  return withLedger([entry], async (path) => {
    const { out } = await run(["why", "--ledger", path]);
    assert.deepEqual(["\u001b", "\u202e", "\nname"].filter((text) => out.includes(text)), []);
    assert.equal(out.split("evil\\u001b[2J\\u000aname\\u202e").length, 12);
  });
});
