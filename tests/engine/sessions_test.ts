import assert from "node:assert/strict";
import type { ChatRequest } from "../../src/core/chat.ts";
import { type SessionAnswer, Sessions } from "../../src/engine/sessions.ts";
import { buildRequest } from "../support/models.ts";

const OPENING = buildRequest("Mend the parser");
const NEXT: ChatRequest = {
  ...OPENING,
  "messages": [
    ...OPENING.messages,
    { "role": "assistant", "content": "Done." },
    { "role": "user", "content": "Now the lexer" },
  ],
};
const ANSWER: SessionAnswer = {
  alias: "a",
  warmMs: 300_000,
  tokens: 10_000,
  cachedTokens: 0,
  profile: "balanced",
  isContinued: true,
  tooSmall: [],
  isEscalated: false,
  failed: null,
};

class World {
  now = 0;
  readonly sessions = new Sessions({ now: () => this.now, salt: "s" });
  readonly key = this.sessions.keyOf(OPENING) ?? assert.fail("no key");

  note(change: Partial<SessionAnswer> = {}): void {
    this.sessions.note(this.key, { ...ANSWER, ...change });
  }

  /** What the caches of the others hold. */
  elsewhere(): Readonly<Record<string, number>> | undefined {
    return this.sessions.boundFor(this.key, NEXT)?.cachedElsewhere;
  }

  bound(request = NEXT): string {
    const bound = this.sessions.boundFor(this.key, request);
    if (bound === null) return "nobody";
    const { alias, cause, cachedTokens, primary, isProbeDue } = bound;
    return `${alias} ${cause} ${cachedTokens}` + (primary === null ? "" : ` for ${primary}`) +
      (isProbeDue ? " due" : "");
  }
}

Deno.test("Sessions keeps who answered until its cache is cold", () => {
  const world = new World();
  assert.equal(world.bound(), "nobody");
  world.note();
  assert.equal(world.bound(), "a answer 10000");
  world.now = 300_000;
  assert.equal(world.bound(), "a answer 10000");
  world.now = 300_001;
  assert.equal(world.bound(), "nobody");
});

Deno.test("Sessions binds no request that goes on with nothing", () => {
  const world = new World();
  world.note();
  assert.equal(world.bound(OPENING), "nobody");
});

Deno.test("Sessions counts on no cache that a server has not used", () => {
  const world = new World();
  world.note();
  world.note({ tokens: 12_000, cachedTokens: 0 });
  assert.equal(world.bound(), "a answer 0");
  world.note({ tokens: 14_000, cachedTokens: 9_000 });
  assert.equal(world.bound(), "a answer 14000");
  world.note({ alias: "b", tokens: 15_000 });
  assert.equal(world.bound(), "b answer 15000", "a first request can have nothing in the cache");
});

Deno.test("Sessions believes a cache whose server does not tell of it", () => {
  const world = new World();
  world.note();
  world.note({ tokens: 12_000, cachedTokens: null });
  assert.equal(world.bound(), "a answer 12000");
});

Deno.test("Sessions knows what those who had a conversation before have in their caches, while they are warm", () => {
  const world = new World();
  world.note();
  assert.deepEqual(world.elsewhere(), {});
  world.now = 200_000;
  world.note({ alias: "b", tokens: 12_000 });
  assert.deepEqual(world.elsewhere(), { a: 10_000 });
  world.note({ tokens: 13_000, cachedTokens: 10_000 });
  assert.equal(world.bound(), "a answer 13000");
  assert.deepEqual(world.elsewhere(), { b: 12_000 });
  world.now = 400_000;
  world.note({ alias: "b", tokens: 14_000, cachedTokens: 0 });
  assert.equal(world.bound(), "b answer 0", "it was warm, and was not used");
  world.now = 600_000;
  assert.deepEqual(world.elsewhere(), {}, "the other one is cold");
});

Deno.test("Sessions gives a conversation back to who failed by probes, less and less often", () => {
  const world = new World();
  world.note({ alias: "b", failed: "a" });
  assert.equal(world.bound(), "b fault 10000 for a");
  world.now = 29_999;
  world.note({ alias: "b", cachedTokens: 8_000 });
  assert.equal(world.bound(), "b fault 10000 for a");
  world.now = 30_000;
  assert.equal(world.bound(), "b fault 10000 for a due");
  world.note({ alias: "b", failed: "a", cachedTokens: 8_000 });
  world.now = 89_999;
  assert.equal(world.bound(), "b fault 10000 for a", "twice as long");
  world.now = 90_000;
  assert.equal(world.bound(), "b fault 10000 for a due");
  world.note({ alias: "a" });
  assert.equal(world.bound(), "a answer 10000");
});

Deno.test("Sessions: requests that were under way together tell of one failure", () => {
  const world = new World();
  world.note({ alias: "b", failed: "a" });
  world.note({ alias: "b", failed: "a", cachedTokens: 8_000 });
  world.now = 30_000;
  assert.equal(world.bound(), "b fault 10000 for a due");
});

Deno.test("Sessions keeps a conversation with who answered better, for ten minutes", () => {
  const world = new World();
  world.note({ alias: "b", isEscalated: true });
  world.now = 250_000;
  world.note({ alias: "b", cachedTokens: 8_000 });
  assert.equal(world.bound(), "b escalation 10000");
  world.now = 590_000;
  assert.equal(world.bound(), "b escalation 0", "the cache is cold by then");
  world.note({ alias: "b" });
  world.now = 600_001;
  assert.equal(world.bound(), "b answer 10000");
});

Deno.test("Sessions forgets who rests longest, not who is new", () => {
  const world = new World();
  world.note();
  for (let index = 0; index < 9_999; index++) world.sessions.note(`k${index}`, ANSWER);
  assert.equal(world.bound(), "a answer 10000");
  world.sessions.note("one more", ANSWER);
  assert.equal(world.bound(), "nobody");
});

Deno.test("Sessions begins anew with a conversation that begins alike, or comes back after all has expired", () => {
  const world = new World();
  world.note({ alias: "b", failed: "a" });
  world.now = 40_000;
  world.note({ alias: "b", isContinued: false });
  assert.equal(world.bound(), "b answer 10000");
  world.note({ alias: "b", failed: "a" });
  world.now += 86_400_000;
  world.note({ alias: "b", cachedTokens: 0 });
  assert.equal(world.bound(), "b answer 10000");
});
