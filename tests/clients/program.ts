/** Programs of Node's as children: with a limit of time, in a group of their own, never left behind. */

/** How to start a program. */
export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number;
  /** It had to be ended, since it took too long or was not needed any more. */
  readonly isKilled: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Program {
  readonly ended: Promise<ProgramEnd>;
  /** What it wrote to stdout so far. */
  output(): string;
  /** Sends a signal to it and its children, as a terminal does. */
  send(signal: Deno.Signal): void;
}

/** Starts a program; whatever is left of its group when it ends is ended too. */
export function startProgram(options: ProgramOptions): Program {
  const limit = AbortSignal.any([
    AbortSignal.timeout(options.timeoutMs),
    ...(options.signal === undefined ? [] : [options.signal]),
  ]);
  const child = new Deno.Command(options.command, {
    args: [...options.args],
    cwd: options.cwd,
    clearEnv: true,
    env: { ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    detached: true,
  }).spawn();
  const [out, err] = [new TextLog(child.stdout), new TextLog(child.stderr)];
  const onAbort = () => signalGroup(child.pid, "SIGKILL");
  limit.addEventListener("abort", onAbort);
  const finish = async () => {
    const { code } = await child.status;
    limit.removeEventListener("abort", onAbort);
    signalGroup(child.pid, "SIGKILL");
    await Promise.all([out.ended, err.ended]);
    return {
      code,
      isKilled: limit.aborted,
      stdout: out.text,
      stderr: err.text,
    };
  };
  return {
    ended: finish(),
    output: () => out.text,
    send: (signal) => signalGroup(child.pid, signal),
  };
}

/** Runs a program to its end. */
export function runProgram(options: ProgramOptions): Promise<ProgramEnd> {
  return startProgram(options).ended;
}

/** A group that has ended already is what was wanted. */
function signalGroup(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
}

/** Reads a stream to its end, since a full pipe would stop the program. */
class TextLog {
  readonly ended: Promise<void>;
  #text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.ended = this.#read(stream);
  }

  get text(): string {
    return this.#text;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += piece;
    }
  }
}
