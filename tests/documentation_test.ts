import assert from "node:assert/strict";
import { listFiles } from "./architecture/graph.ts";

/** The parts of the answer of `deno doc --json` that are read here. */
interface Documentation {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly DocumentedSymbol[] }>>;
}

interface DocumentedSymbol {
  readonly name: string;
  readonly declarations: readonly Declaration[];
}

interface Declaration {
  /** `class`, `function`, …; `reference` is an export that is declared, and documented, elsewhere. */
  readonly kind: string;
  readonly declarationKind: "export" | "private" | "declare";
  readonly jsDoc?: { readonly doc?: string };
  readonly def?: { readonly methods?: readonly Method[] };
}

interface Method {
  readonly name: string;
  readonly jsDoc?: { readonly doc?: string };
}

const ROOT = new URL("../", import.meta.url);
const FILES = await listFiles("src");
const DOCUMENTATION = await readDocumentation(FILES);

/** Exports, and public methods of exported classes, that no sentence describes. */
function findUndocumented({ nodes }: Documentation): readonly string[] {
  return Object.entries(nodes).flatMap(([file, { symbols }]) =>
    symbols.flatMap(({ name, declarations }) =>
      declarations.filter(isOwnExport).flatMap((declaration) => [
        ...(hasSentence(declaration) ? [] : [name]),
        ...methodsOf(declaration).filter((method) => !hasSentence(method))
          .map((method) => `${name}.${method.name}`),
      ])
    ).map((name) => `${pathOf(file)}: ${name} has no sentence`)
  );
}

/** The interfaces' members are left out: where a name says it all, a sentence would only repeat it. */
function isOwnExport({ kind, declarationKind }: Declaration): boolean {
  return declarationKind === "export" && kind !== "reference";
}

function methodsOf({ kind, def }: Declaration): readonly Method[] {
  return kind === "class" ? def?.methods ?? [] : [];
}

function hasSentence({ jsDoc }: Declaration | Method): boolean {
  return /^\S[^]*[.:](?:\s|$)/.test(jsDoc?.doc ?? "");
}

/** Files that neither begin with a comment nor export anything documented. */
function findHeaderless(texts: ReadonlyMap<string, string>): readonly string[] {
  const isExplained = /^\/\*\*|\*\/\nexport /;
  return [...texts].filter(([, text]) => !isExplained.test(text)).map(([path]) => path);
}

function pathOf(specifier: string): string {
  return specifier.startsWith(ROOT.href) ? specifier.slice(ROOT.href.length) : specifier;
}

async function readDocumentation(files: readonly string[]): Promise<Documentation> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...files],
    cwd: ROOT,
    stderr: "null",
  });
  const { success, stdout } = await command.output();
  assert.ok(success, "deno doc failed");
  return JSON.parse(new TextDecoder().decode(stdout)) as Documentation;
}

Deno.test("deno doc sees every file below src", () => {
  assert.deepEqual(Object.keys(DOCUMENTATION.nodes).map(pathOf).sort(), FILES);
});

Deno.test("every export of src is described by a sentence", () => {
  assert.deepEqual(findUndocumented(DOCUMENTATION), []);
});

Deno.test("every file of src says what it is for", async () => {
  const texts = FILES.map(async (path) => [path, await readText(path)] as const);
  assert.deepEqual(findHeaderless(new Map(await Promise.all(texts))), []);
});

function readText(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** The documentation of one file with one export. */
function documentationOf(declaration: Declaration): Documentation {
  return { nodes: { "a.ts": { symbols: [{ name: "thing", declarations: [declaration] }] } } };
}

const EXPORTED = { kind: "class", declarationKind: "export" } as const;
const SENTENCE = { doc: "Does a thing." };

const CASES: readonly (readonly [string, Declaration, number])[] = [
  ["an export with a sentence", { ...EXPORTED, jsDoc: SENTENCE }, 0],
  ["an export without a comment", EXPORTED, 1],
  ["an export with an empty comment", { ...EXPORTED, jsDoc: {} }, 1],
  ["an export whose comment is no sentence", { ...EXPORTED, jsDoc: { doc: "does a thing" } }, 1],
  ["an interface with a bare method", {
    ...EXPORTED,
    kind: "interface",
    jsDoc: SENTENCE,
    def: { methods: [{ name: "run" }] },
  }, 0],
  ["an export from another file", { ...EXPORTED, kind: "reference" }, 0],
  ["what is not exported", { ...EXPORTED, declarationKind: "private" }, 0],
  [
    "a class with one bare method",
    { ...EXPORTED, jsDoc: SENTENCE, def: { methods: [{ name: "run" }] } },
    1,
  ],
  [
    "a class whose methods have sentences",
    { ...EXPORTED, jsDoc: SENTENCE, def: { methods: [{ name: "run", jsDoc: SENTENCE }] } },
    0,
  ],
];

for (const [what, declaration, count] of CASES) {
  Deno.test(`findUndocumented() finds ${count} in ${what}`, () => {
    assert.equal(findUndocumented(documentationOf(declaration)).length, count);
  });
}

Deno.test("findHeaderless() finds a file that starts without a word", () => {
  const texts = new Map([
    ["header.ts", "/** What it is. */\n\nexport const a = 1;\n"],
    ["export.ts", 'import "b";\n\n/** An a. */\nexport const a = 1;\n'],
    ["bare.ts", 'import "b";\n\nexport const a = 1;\n'],
  ]);
  assert.deepEqual(findHeaderless(texts), ["bare.ts"]);
});
