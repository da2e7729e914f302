import assert from "node:assert/strict";
import type { ProviderKind } from "../../src/core/provider.ts";
import { askLadder } from "../support/asked_ladder.ts";
import { KINDS, type Rung } from "../support/cascade_case.ts";
import { rowTest } from "../support/fault_row.ts";
import type { Script } from "../support/upstream.ts";
import { errorBodyOf } from "../support/upstream_wire.ts";

const OPENAI_SENTENCE =
  "This model's maximum context length is 4096 tokens. However, your messages " +
  "resulted in 5000 tokens. Please reduce the length of the messages.";

/** How each vendor says that 5000 tokens do not fit into 4096. */
const OVERFLOWS: Readonly<Record<ProviderKind, string>> = {
  openai: OPENAI_SENTENCE,
  anthropic: "prompt is too long: 5000 tokens > 4096 maximum",
  ollama: "request (5000 tokens) exceeds the available context size (4096 tokens)",
};

function overflow(kind: ProviderKind): Script {
  const body = kind === "openai"
    ? { "error": { "message": OPENAI_SENTENCE, "code": "context_length_exceeded" } }
    : errorBodyOf(kind, OVERFLOWS[kind]);
  return (exchange) => exchange.sendWhole(400, body);
}

const FITS = "It fits in here, and here is all that I can say about it.";
const answer: Script = (exchange) => exchange.answer({ text: [FITS] });

/** A candidate with a window of so many tokens. */
function rung(alias: string, options: { readonly window: number; readonly script: Script }): Rung {
  const { window, script } = options;
  return { alias, kind: "openai", script, model: `context_window = ${window}` };
}

function first(kind: ProviderKind): Rung {
  const id = kind === "anthropic" ? 'model_id = "claude-haiku-4-5"\n' : "";
  const model = `${id}context_window = 4096`;
  return { alias: "first", kind, script: overflow(kind), model };
}

for (const kind of KINDS) {
  rowTest("context-overflow", {
    name:
      `an overflow of ${kind} leads to the next larger window; equal and smaller are passed over`,
    body: async () => {
      for (const stream of [true, false]) {
        const { got, outcomes, asked } = await askLadder([
          first(kind),
          rung("equal", { window: 4096, script: answer }),
          rung("smaller", { window: 2048, script: answer }),
          rung("larger", { window: 8192, script: answer }),
          rung("largest", { window: 16_384, script: answer }),
        ], { stream });
        assert.deepEqual([got.status, got.text, got.finish], [200, FITS, "stop"]);
        assert.deepEqual(outcomes, ["first:context_overflow", "larger:ok"]);
        assert.deepEqual(asked, ["first", "larger"]);
      }
    },
  });

  rowTest("context-overflow", {
    name: `an overflow of ${kind} without a larger window is OpenAI's own error`,
    body: async () => {
      for (const stream of [true, false]) {
        const { got, outcomes, asked } = await askLadder([
          first(kind),
          rung("equal", { window: 4096, script: answer }),
        ], { stream });
        assert.equal(got.status, 400);
        const { type, code, message } = got.error ?? {};
        assert.deepEqual([type, code], ["invalid_request_error", "context_length_exceeded"]);
        assert.ok(String(message).startsWith(OPENAI_SENTENCE), String(message));
        assert.match(String(message), /\(1 attempt: first at first: context_overflow\)$/);
        assert.equal(got.headers.get("x-should-retry"), "false");
        assert.deepEqual([outcomes, asked], [["first:context_overflow"], ["first"]]);
      }
    },
  });
}

rowTest("context-overflow", {
  name: "each overflow asks for a window larger than the last",
  body: async () => {
    const { got, outcomes } = await askLadder([
      rung("small", { window: 4096, script: overflow("openai") }),
      rung("middle", { window: 16_384, script: overflow("openai") }),
      rung("between", { window: 8192, script: answer }),
      rung("large", { window: 32_768, script: answer }),
    ], { stream: true });
    assert.equal(got.text, FITS);
    assert.deepEqual(outcomes, [
      "small:context_overflow",
      "middle:context_overflow",
      "large:ok",
    ]);
  },
});

rowTest("context-overflow", {
  name: "an overflow that a stream reports after its 200 is one too",
  body: async () => {
    const script: Script = async (exchange) => {
      await exchange.sendStreamHead();
      const message = "The number of tokens to keep from the initial prompt is greater than the " +
        "context length (n_keep: 5000>= n_ctx: 4096).";
      const body = JSON.stringify({ "error": { "message": message } });
      await exchange.sendChunk(`event: error\ndata: ${body}\n\n`);
      await exchange.endChunks();
    };
    const small = rung("small", { window: 4096, script });
    const large = rung("large", { window: 8192, script: answer });
    const { got, outcomes } = await askLadder([small, large], { stream: true });
    assert.equal(got.text, FITS);
    assert.deepEqual(outcomes, ["small:context_overflow", "large:ok"]);
    const lone = await askLadder([small], { stream: true });
    assert.deepEqual([lone.got.status, lone.got.error?.["code"]], [400, "context_length_exceeded"]);
    assert.match(String(lone.got.error?.["message"]), /maximum context length is 4096 tokens/);
  },
});

rowTest("context-overflow", {
  name: "the error tells the overflow, and not what failed after it",
  body: async () => {
    const { got, outcomes } = await askLadder([
      rung("small", { window: 4096, script: overflow("openai") }),
      rung("large", { window: 8192, script: (exchange) => exchange.sendWhole(500, {}) }),
    ], { stream: false });
    assert.deepEqual([got.status, got.error?.["code"]], [400, "context_length_exceeded"]);
    assert.match(String(got.error?.["message"]), /small: context_overflow; large .*server_error/);
    assert.deepEqual(outcomes, ["small:context_overflow", "large:server_error"]);
  },
});
