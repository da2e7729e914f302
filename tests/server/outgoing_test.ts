import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import { sendReply } from "../../src/server/outgoing.ts";
import { timedTest, within } from "../support/deadline.ts";

/** The response to a client that has left already. */
async function withGoneClient(use: (response: ServerResponse) => Promise<void>): Promise<void> {
  const gone = Promise.withResolvers<ServerResponse>();
  const server = createServer((_, response) => {
    response.on("close", () => gone.resolve(response));
    response.destroy();
  });
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await listening;
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  using socket = await Deno.connect({ hostname: "127.0.0.1", port });
  await socket.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"));
  await use(await within(gone.promise, "the end of the response"));
  server.closeAllConnections();
  await new Promise<void>((done) => server.close(() => done()));
}

timedTest(
  "sendReply() ends what makes a stream that nobody will read",
  () =>
    withGoneClient(async (response) => {
      let cancelCount = 0;
      await sendReply(response, {
        status: 200,
        headers: {},
        body: {
          chunks: (async function* () {})(),
          cancel: () => Promise.resolve(void cancelCount++),
          keepAlive: { afterMs: 1_000, bytes: new Uint8Array() },
        },
      });
      assert.equal(cancelCount, 1);
    }),
);
