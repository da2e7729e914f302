import assert from "node:assert/strict";
import { conformanceTest, listProperties } from "../support/schema.ts";
import { FIELD_SAMPLES, type FieldSample, MESSAGE_SAMPLES } from "./field_samples.ts";
import { type Column, COLUMNS, type Outcome, outcomeOf } from "./outcomes.ts";

const README = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
const TABLES = readTables(README);

/** A row: its first cell, and one cell for each column. */
interface Row {
  readonly name: string;
  readonly cells: readonly string[];
}

/** The tables of the section, without their heads. */
function readTables(text: string): readonly (readonly Row[])[] {
  const [, section = ""] = text.split("\n## What becomes of each field\n");
  const [own = ""] = section.split("\n## ");
  return own.split("\n\n").filter((block) => block.startsWith("|")).map((block) => {
    const [head, , ...lines] = block.trim().split("\n").map(readLine);
    assert.deepEqual(head?.cells, COLUMNS.map(({ title }) => title));
    return lines;
  });
}

function readLine(line: string): Row {
  const [, name = "", ...cells] = line.split("|").map((cell) => cell.trim());
  return { name, cells: cells.slice(0, -1) };
}

/** What a cell says first: `dropped` and `refused` stand at its start. */
function saidBy(cell: string): Outcome["type"] {
  const [word = ""] = cell.split(/[,; ]/);
  return word === "dropped" || word === "refused" ? word : "kept";
}

/** The names of fields in a row's first cell. */
function fieldsOf({ name }: Row): readonly string[] {
  return [...name.matchAll(/`([a-z_]+)`/g)].map(([, field = ""]) => field);
}

function cellOf({ row }: FieldSample, column: Column): string {
  const found = TABLES.flat().find(({ name }) => name.replaceAll("`", "") === row);
  assert.ok(found, `the README has no row "${row}"`);
  return found.cells[COLUMNS.indexOf(column)] ?? assert.fail(`no cell of ${column.title}`);
}

Deno.test("the README has a table of fields and a table of what messages hold", () => {
  assert.equal(TABLES.length, 2);
});

conformanceTest("the README's table names every field of OpenAI's request", () => {
  const named = new Set((TABLES[0] ?? []).flatMap(fieldsOf));
  const fields = listProperties("CreateChatCompletionRequest");
  assert.ok(fields.length > 30);
  assert.deepEqual(fields.filter((field) => !named.has(field)), []);
});

Deno.test("every row of the README's tables has a sample", () => {
  const sampled = new Set([...FIELD_SAMPLES, ...MESSAGE_SAMPLES].map(({ row }) => row));
  const rows = TABLES.flat().map(({ name }) => name.replaceAll("`", ""));
  assert.deepEqual(rows.filter((row) => !sampled.has(row)), []);
});

for (const column of COLUMNS) {
  Deno.test(`what the README says of ${column.title} is what becomes of each field`, () => {
    for (const sample of FIELD_SAMPLES) assertSaid(sample, column);
  });

  Deno.test(`what the README says of ${column.title} is what becomes of messages`, () => {
    for (const sample of MESSAGE_SAMPLES) assertSaid(sample, column);
  });
}

function assertSaid(sample: FieldSample, column: Column): void {
  const cell = cellOf(sample, column);
  const label = `${sample.row} (${sample.field}) at ${column.title}: "${cell}"`;
  const { type, body } = outcomeOf(sample, column);
  assert.equal(type, saidBy(cell), label);
  if (type !== "kept") return;
  if (cell === "as sent") assertAsSent(sample, { column, body, label });
  const words = wordsOf(cell);
  const isSaid = words.length === 0 ||
    words.some((parts) => parts.every((part) => says(body, part)));
  assert.ok(isSaid, `${label}: ${body}`);
}

interface Sent {
  readonly column: Column;
  readonly body: string;
  readonly label: string;
}

/** The field is in the body as it was; other dialects have messages of their own. */
function assertAsSent({ field, fields }: FieldSample, { column, body, label }: Sent): void {
  if (field === "messages" && column.kind !== "openai") return;
  const text = `${JSON.stringify(field)}:${JSON.stringify(fields[field])}`;
  assert.ok(body.includes(text), `${label}: ${text} is not in ${body}`);
}

/** The dialect's own words for it, with which the cell begins; parts of paths apart. */
function wordsOf(cell: string): readonly (readonly string[])[] {
  const [words = ""] = /^(?:`[a-z_.]+`(?:, )?)+/.exec(cell) ?? [];
  return [...words.matchAll(/`([a-z_.]+)`/g)].map(([, path = ""]) => path.split("."));
}

function says(body: string, word: string): boolean {
  return body.includes(JSON.stringify(word));
}
