import assert from "node:assert/strict";
import { cleanFault } from "../../src/core/fault_text.ts";
import type { UpstreamFault } from "../../src/core/outcome.ts";
import { createRedact, Secret } from "../../src/redact.ts";

const KEY = "sk-canary-0123456789";
const redact = createRedact([new Secret(KEY)]);

function fault(fields: Partial<UpstreamFault>): UpstreamFault {
  return { kind: "auth", status: 401, message: "no", ...fields };
}

Deno.test("cleanFault() removes a key that the upstream echoes, wherever it stands", () => {
  const cleaned = cleanFault(
    fault({ message: `bad ${KEY}`, type: KEY, code: KEY, param: KEY }),
    redact,
  );
  assert.ok(!JSON.stringify(cleaned).includes("canary"), JSON.stringify(cleaned));
});

Deno.test("cleanFault() leaves no part of a key at the place where it cuts", () => {
  for (let before = 480; before < 505; before++) {
    const { message } = cleanFault(fault({ message: "x".repeat(before) + KEY }), redact);
    assert.ok(!message.includes("sk-"), message.slice(470));
    assert.ok(message.length <= 500);
  }
});

Deno.test("cleanFault() leaves one line that a terminal can show", () => {
  const { message } = cleanFault(fault({ message: " two\nlines \u001b[31m " }), redact);
  assert.equal(message, "two\\u000alines \\u001b[31m");
});

Deno.test("cleanFault() cuts no character in half", () => {
  const { message } = cleanFault(fault({ message: "😀".repeat(10_000) }), redact);
  assert.ok(message.length <= 500 && message.isWellFormed());
});

Deno.test("cleanFault() keeps what says nothing, and all that is no text", () => {
  const given = fault({ code: null, retryAfterMs: 5, refusedField: "seed" });
  assert.deepEqual(cleanFault(given, redact), { ...given, type: null, param: null });
});
