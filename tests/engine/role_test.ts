import assert from "node:assert/strict";
import { ASK, withCascade } from "../support/cascade_case.ts";
import { timedTest } from "../support/deadline.ts";
import { SseClient } from "../support/sse_client.ts";
import { openaiChunk } from "../support/upstream_wire_openai.ts";

timedTest(
  "the role stands in a stream's first chunk and in no other, whoever answers",
  () =>
    withCascade(async (exchange) => {
      await exchange.sendStreamHead();
      for (const text of ["one", "two"]) {
        await exchange.sendChunk(
          openaiChunk({ "role": "assistant", "reasoning_content": text }, null),
        );
      }
      exchange.cut();
    }, async ({ daemon }) => {
      const client = new SseClient(await daemon.chat({ ...ASK, "stream": true }));
      const parts = (await client.readAll()).filter((data) => data.startsWith("{"));
      const deltas = parts.flatMap((data) => JSON.parse(data).choices).map((choice) =>
        choice.delta
      );
      const roles = deltas.map((delta) => delta.role);
      assert.ok(deltas.length > 4);
      assert.deepEqual(roles, ["assistant", ...Array(roles.length - 1).fill(undefined)]);
    }),
);
