/** A host that does not answer at all. */

/** How long a port that takes connections may take for one, in milliseconds. */
const TAKEN_WITHIN_MS = 100;

/** A port of this machine that takes no connection: its queue of new ones is full, as Linux has it. */
export async function openSilentPort(): Promise<Disposable & { readonly baseUrl: string }> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr;
  const opened: Deno.TcpConn[] = [];
  const left = new AbortController();
  for (let isFull = false; !isFull;) {
    const connecting = Deno.connect({ hostname: "127.0.0.1", port, signal: left.signal });
    const late = Promise.withResolvers<null>();
    const timer = setTimeout(() => late.resolve(null), TAKEN_WITHIN_MS);
    const connection = await Promise.race([connecting, late.promise]);
    clearTimeout(timer);
    isFull = connection === null;
    if (connection !== null) opened.push(connection);
    else connecting.then((taken) => taken.close(), () => "nobody took it");
  }
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    [Symbol.dispose]: () => {
      left.abort();
      for (const connection of opened) connection.close();
      listener.close();
    },
  };
}
