/** A daemon as a child of a build script: started, asked, stopped, never left behind. */

import { denoCommand, type DenoOptions } from "./process.ts";

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

/** A daemon that runs, or that has failed to. */
export interface Daemon extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; null when it named none in time, and the log says why. */
  readonly address: string | null;
  /** What it wrote to stderr so far. */
  log(): string;
  /** Asks it to stop, and makes it after 10 seconds; its exit code. */
  stop(): Promise<number>;
}

/** Starts a daemon and waits until it says where it listens. */
export async function startDaemon(options: DenoOptions): Promise<Daemon> {
  const child = denoCommand(options).spawn();
  const log = new StartLog(child.stderr);
  const unread = child.stdout.cancel();
  const killTimer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
  await Promise.race([log.address, child.status]);
  clearTimeout(killTimer);
  const stop = async () => {
    const { code } = await endChild(child);
    await Promise.all([unread, log.ended]);
    return code;
  };
  return {
    address: addressIn(log.text),
    log: () => log.text,
    stop,
    [Symbol.asyncDispose]: async () => void await stop(),
  };
}

async function endChild(child: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  const timer = setTimeout(() => killChild(child, "SIGKILL"), STOP_TIMEOUT_MS);
  killChild(child, Deno.build.os === "windows" ? "SIGKILL" : "SIGTERM");
  const status = await child.status;
  clearTimeout(timer);
  return status;
}

/** Ends a child; one that has ended already is what was wanted. */
export function killChild(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Reads the log to its end, since a full pipe would stop the daemon. */
class StartLog {
  readonly address: Promise<void>;
  readonly ended: Promise<void>;
  #text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    const found = Promise.withResolvers<void>();
    this.address = found.promise;
    this.ended = this.#read(stream, found.resolve);
  }

  get text(): string {
    return this.#text;
  }

  async #read(stream: ReadableStream<Uint8Array>, onAddress: () => void): Promise<void> {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += piece;
      if (addressIn(this.#text) !== null) onAddress();
    }
  }
}

function addressIn(text: string): string | null {
  return /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0] ?? null;
}
