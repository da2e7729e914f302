import assert from "node:assert/strict";
import { type AskedWindow, Windows } from "../../src/engine/windows.ts";
import { ollama } from "../../src/providers/ollama.ts";
import { askFor, withLadder } from "../support/cascade_case.ts";
import { timedTest } from "../support/deadline.ts";
import type { Script } from "../support/upstream.ts";

const MINUTE_MS = 60_000;

interface Request {
  /** Minutes since the test began. */
  readonly at: number;
  readonly asked: AskedWindow;
  readonly status?: number;
  readonly minutes?: number;
}

interface WindowCase {
  readonly name: string;
  readonly requests: readonly Request[];
  readonly at: number;
  readonly window: number | null;
}

const BIG: AskedWindow = { window: 32_768, keepAliveMs: 5 * MINUTE_MS };
const SMALL: AskedWindow = { window: 8_192, keepAliveMs: 5 * MINUTE_MS };

const CASES: readonly WindowCase[] = [
  { name: "nothing of a model that was not asked", requests: [], at: 0, window: null },
  {
    name: "the window that was asked for",
    requests: [{ at: 0, asked: BIG }],
    at: 4,
    window: 32_768,
  },
  {
    name: "the largest one",
    requests: [{ at: 0, asked: BIG }, { at: 1, asked: SMALL }],
    at: 2,
    window: 32_768,
  },
  {
    name: "a larger one that follows",
    requests: [{ at: 0, asked: SMALL }, { at: 1, asked: BIG }],
    at: 2,
    window: 32_768,
  },
  {
    name: "nothing once the model was unused for its keep_alive",
    requests: [{ at: 0, asked: BIG }],
    at: 5,
    window: null,
  },
  {
    name: "what a later request has kept loaded",
    requests: [{ at: 0, asked: BIG }, { at: 4, asked: SMALL }],
    at: 8,
    window: 32_768,
  },
  {
    name: "nothing of what was forgotten before the last request",
    requests: [{ at: 0, asked: BIG }, { at: 6, asked: SMALL }],
    at: 7,
    window: 8_192,
  },
  {
    name: "for as long as an answer took, and its keep_alive",
    requests: [{ at: 0, asked: BIG, minutes: 20 }],
    at: 24,
    window: 32_768,
  },
  {
    name: "for ever with keep_alive -1",
    requests: [{ at: 0, asked: { ...BIG, keepAliveMs: Infinity } }],
    at: 100_000,
    window: 32_768,
  },
  {
    name: "nothing after keep_alive 0, whatever was loaded",
    requests: [{ at: 0, asked: BIG }, { at: 1, asked: { ...SMALL, keepAliveMs: 0 } }],
    at: 1,
    window: null,
  },
  {
    name: "nothing of a window that the server could not load",
    requests: [{ at: 0, asked: SMALL }, { at: 1, asked: BIG, status: 500 }],
    at: 2,
    window: null,
  },
  {
    name: "what was loaded before a request that was refused",
    requests: [{ at: 0, asked: SMALL }, { at: 1, asked: BIG, status: 400 }],
    at: 2,
    window: 8_192,
  },
  {
    name: "nothing of a server that does not load models",
    requests: [{ at: 0, asked: {} }],
    at: 0,
    window: null,
  },
];

for (const { name, requests, at, window } of CASES) {
  Deno.test(`Windows remembers ${name}`, () => {
    let nowMs = 0;
    const windows = new Windows({ now: () => nowMs });
    for (const { at: beginsAt, asked, status = 200, minutes = 0 } of requests) {
      nowMs = beginsAt * MINUTE_MS;
      using use = windows.use("m");
      use.note(asked);
      use.noteStatus(status);
      nowMs += minutes * MINUTE_MS;
    }
    nowMs = at * MINUTE_MS;
    assert.equal(windows.windowOf("m"), window);
    assert.equal(windows.windowOf("another"), null);
  });
}

Deno.test("Windows keeps a model while requests for it run", () => {
  let nowMs = 0;
  const windows = new Windows({ now: () => nowMs });
  const long = windows.use("m");
  long.note(BIG);
  long.noteStatus(200);
  assert.equal(windows.windowOf("m"), 32_768, "it is loaded before the answer has ended");
  {
    using short = windows.use("m");
    assert.equal(short.window, 32_768);
    short.note({ ...SMALL, window: 32_768 });
    short.noteStatus(200);
  }
  nowMs = 30 * MINUTE_MS;
  assert.equal(windows.windowOf("m"), 32_768);
  long[Symbol.dispose]();
  assert.equal(windows.windowOf("m"), 32_768, "and from its end for its keep_alive");
  nowMs = 35 * MINUTE_MS;
  assert.equal(windows.windowOf("m"), null);
});

Deno.test("Windows tells nobody to ask for a window that is not loaded yet", () => {
  const windows = new Windows();
  using huge = windows.use("m");
  huge.note({ ...BIG, window: 1_048_576 });
  {
    using small = windows.use("m");
    assert.equal(small.window, null, "the server may be unable to load it");
    small.note(SMALL);
    small.noteStatus(200);
  }
  assert.equal(windows.windowOf("m"), 8_192);
  huge.noteStatus(400);
  assert.equal(windows.windowOf("m"), 8_192, "what was loaded stays");
  huge.noteStatus(500);
  assert.equal(windows.windowOf("m"), null);
});

Deno.test("Windows forgets a request that the client left before the server said anything", () => {
  const windows = new Windows();
  {
    using left = windows.use("m");
    left.note(BIG);
  }
  assert.equal(windows.windowOf("m"), null);
});

Deno.test("Windows knows one model by all its names", () => {
  const windows = new Windows({ keyOf: ollama.modelList?.keyOf });
  {
    using use = windows.use("llama3");
    use.note(BIG);
    use.noteStatus(200);
  }
  assert.equal(windows.windowOf("llama3:latest"), 32_768);
  assert.equal(windows.windowOf("Llama3"), 32_768);
  assert.equal(windows.windowOf("llama3:8b"), null);
});

timedTest("a small request asks for the window that a large one has left", async () => {
  const sizes: unknown[] = [];
  const script: Script = async (exchange) => {
    sizes.push(Reflect.get(Object(exchange.body["options"]), "num_ctx"));
    const isLong = JSON.stringify(exchange.body["messages"]).length > 10_000;
    const usage = { input: isLong ? 15_000 : 12, output: 3 };
    await exchange.answer({ text: ["An answer."], usage });
  };
  await withLadder([{ alias: "home", kind: "ollama", script }], async ({ daemon }) => {
    const long = { "messages": [{ "role": "user", "content": "word ".repeat(15_000) }] };
    await askFor(daemon, true);
    await (await daemon.chat({ "model": "auto", ...long })).text();
    await askFor(daemon, false);
    await askFor(daemon, true);
  });
  assert.deepEqual(sizes, [8_192, 32_768, 32_768, 32_768]);
});
