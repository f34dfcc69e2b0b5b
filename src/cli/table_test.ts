import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { type Column, table } from "./table.ts";
import { textWidth } from "./text_width.ts";

interface Row {
  readonly name: string;
  readonly size: string;
  readonly note: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "NAME", cell: (row) => row.name, least: 6 },
  { title: "SIZE", cell: (row) => row.size, align: "right", rank: 1 },
  { title: "NOTE", cell: (row) => row.note, last: true, least: 8 },
];

const ROWS: readonly Row[] = [
  { name: "search_notes", size: "1.2 kB", note: "found three notes about coffee and one about tea" },
  { name: "x", size: "9 B", note: "" },
];

Deno.test("table() lines columns up and cuts only the last one when it can", () => {
  deepStrictEqual(table(ROWS, COLUMNS, { columns: 48, color: false }), [
    "NAME            SIZE  NOTE",
    "search_notes  1.2 kB  found three notes about c…",
    "x                9 B",
  ]);
});

Deno.test("table() cuts other columns next, then leaves out what matters least", () => {
  equal(table(ROWS, COLUMNS, { columns: 26, color: false })[1], "search_…  1.2 kB  found t…");
  equal(table(ROWS, COLUMNS, { columns: 18, color: false })[0], "NAME      NOTE");
});

for (const columns of [16, 20, 30, 40, 60, 80, 200]) {
  Deno.test(`table() is never wider than ${columns} columns`, () => {
    verifies("read-tables");
    for (const line of table(ROWS, COLUMNS, { columns, color: false })) ok(textWidth(line) <= columns, line);
  });
}

Deno.test("table() measures wide characters and combining marks by the columns they take", () => {
  const rows = [{ name: "検索ノート", size: "1 B", note: "a" }, { name: "e\u0301", size: "2 B", note: "b" }];
  deepStrictEqual(table(rows, COLUMNS, { columns: 80, color: false }), [
    "NAME        SIZE  NOTE",
    "検索ノート   1 B  a",
    "e\u0301            2 B  b",
  ]);
});

Deno.test("table() escapes what would steer the terminal", () => {
  const rows = [{ name: "\x1b]0;owned\x07", size: "\x1b[2J", note: "a\nb\u202ec" }];
  const [, line = ""] = table(rows, COLUMNS, { columns: 80, color: false });
  equal(line, "\\e]0;owned\\u{7}  \\e[2J  a\\nb\\u{202e}c");
});

Deno.test("table() paints text and not the space around it", () => {
  const styled: Column<Row>[] = [{
    title: "SIZE",
    cell: (row) => row.size,
    align: "right",
    style: () => "red",
  }];
  const lines = table(ROWS, styled, { columns: 80, color: true });
  equal(lines[2], "   \x1b[31m9 B\x1b[39m");
});

Deno.test("table() leaves out an optional column that is empty", () => {
  const columns: Column<Row>[] = [{ title: "NAME", cell: (row) => row.name }, {
    title: "X",
    cell: () => "",
    optional: true,
  }];
  equal(table(ROWS, columns, { columns: 80, color: false })[0], "NAME");
});
