/** What the build scripts share: where they are, what they say, how they start Deno. */

/** The root of the checkout, with a slash at its end. */
export const ROOT: URL = new URL("../", import.meta.url);

/** Writes a line to stderr. */
export function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(line.trimEnd() + "\n"));
}

/** How a program ended. */
export interface Ended {
  readonly success: boolean;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to start Deno. */
export interface DenoOptions {
  readonly args: readonly string[];
  readonly cwd: string | URL;
  /** The whole environment; that of this process when absent. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The command that starts the Deno that runs this script. */
export function denoCommand({ args, cwd, env }: DenoOptions): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    ...(env === undefined ? {} : { clearEnv: true, env: { ...env } }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs Deno to its end. */
export async function runDeno(options: DenoOptions): Promise<Ended> {
  const { success, code, stdout, stderr } = await denoCommand(options).output();
  const decoder = new TextDecoder();
  return { success, code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
