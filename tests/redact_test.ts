import assert from "node:assert/strict";
import { createRedact, escapeLine, Secret } from "../src/redact.ts";

Deno.test("a Secret never shows its value", () => {
  const secret = new Secret("sk-canary");
  for (const shown of [String(secret), JSON.stringify({ secret }), Deno.inspect(secret)]) {
    assert.ok(!shown.includes("sk-canary"), shown);
  }
  assert.equal(secret.reveal(), "sk-canary");
});

Deno.test("createRedact() hides every secret, also one that contains another", () => {
  const redact = createRedact([new Secret("sk-abc"), new Secret("sk-abcdef")]);
  assert.equal(redact("a sk-abcdef b sk-abc c"), "a [redacted] b [redacted] c");
});

Deno.test("createRedact() leaves texts alone when there is no secret to hide", () => {
  assert.equal(createRedact([new Secret("")])("text"), "text");
});

Deno.test("escapeLine() leaves one printable line", () => {
  assert.equal(escapeLine("a\nb\u001b[31m\u202e"), "a\\u000ab\\u001b[31m\\u202e");
});
