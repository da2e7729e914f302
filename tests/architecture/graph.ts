/** The modules of the program and what each imports, as `deno info` sees them. */

/** One import of a module. */
export interface Import {
  /** A path from the root, such as `src/core/chat.ts`, or a specifier such as `npm:openai@1.0.0`. */
  readonly target: string;
  /** Nothing of it exists at run time. */
  readonly isTypeOnly: boolean;
}

/** One module of ours. */
export interface Module {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

/** All modules by path. */
export type Graph = ReadonlyMap<string, Module>;

const ROOT = new URL("../../", import.meta.url);

/** The parts of the answer of `deno info --json` that are read here. */
interface Info {
  readonly modules: readonly InfoModule[];
}

interface InfoModule {
  readonly specifier: string;
  readonly dependencies?: readonly InfoDependency[];
}

interface InfoDependency {
  readonly specifier: string;
  readonly code?: { readonly specifier?: string };
  readonly type?: { readonly specifier?: string };
}

/** Reads the graph of `main.ts`, where it exists, and of every file below `src`. */
export async function loadGraph(): Promise<Graph> {
  const files = [...await listFiles("src"), ...await listFiles("")].filter((path) =>
    path === "main.ts" || path.startsWith("src/")
  );
  const info = await readInfo(files);
  const modules = info.modules.filter((module) => files.includes(pathOf(module.specifier)));
  return new Map(
    await Promise.all(modules.map(async (module) => {
      const path = pathOf(module.specifier);
      const text = await Deno.readTextFile(new URL(path, ROOT));
      return [path, { path, text, imports: importsOf(module) }] as const;
    })),
  );
}

/** The TypeScript files of a folder and of the folders in it ("" is the root alone). */
export async function listFiles(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile && path.endsWith(".ts")) files.push(path);
    if (entry.isDirectory && folder !== "") files.push(...await listFiles(path));
  }
  return files.sort();
}

/** What git tracks at the root; null where this is no checkout. */
export async function listTopLevel(): Promise<readonly string[] | null> {
  const output = await runCommand("git", ["ls-files"]);
  if (output === null) return null;
  const names = output.split("\n").filter((path) => path !== "").map((path) => path.split("/")[0]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

async function readInfo(files: readonly string[]): Promise<Info> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const imports = files.map((path) => `import "${new URL(path, ROOT).href}";`);
    await Deno.writeTextFile(entry, imports.join("\n"));
    const output = await runCommand(Deno.execPath(), ["info", "--json", "-c", "deno.json", entry]);
    if (output === null) throw new Error("deno info failed");
    return JSON.parse(output) as Info;
  } finally {
    await Deno.remove(entry);
  }
}

async function runCommand(program: string, args: string[]): Promise<string | null> {
  try {
    const command = new Deno.Command(program, { args, cwd: ROOT, stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function importsOf(module: InfoModule): readonly Import[] {
  return (module.dependencies ?? []).map(({ specifier, code, type }) => ({
    target: pathOf(code?.specifier ?? type?.specifier ?? specifier),
    isTypeOnly: code === undefined,
  }));
}

function pathOf(specifier: string): string {
  return specifier.startsWith(ROOT.href) ? specifier.slice(ROOT.href.length) : specifier;
}
