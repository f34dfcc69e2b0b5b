import { deepEqual } from "node:assert/strict";
import type { Tool } from "../shell/contract.ts";
import { chooseTools, type ToolFilter } from "./tool_filter.ts";

// As: the parts that are read here.
const tools = [
  { server: "files", tool: "read_file", unused: false },
  { server: "files", tool: "write_file", unused: true },
  { server: "github", tool: "get_file_contents", unused: true },
] as Tool[];

const CASES: readonly (readonly [string, Partial<ToolFilter>, readonly string[]])[] = [
  ["everything", {}, ["read_file", "write_file", "get_file_contents"]],
  ["one server", { server: "files" }, ["read_file", "write_file"]],
  ["the unused", { unused: true }, ["write_file", "get_file_contents"]],
  ["every word, in any order, in either name", { words: "FILE  git" }, ["get_file_contents"]],
  ["nothing", { words: "zzz" }, []],
];

for (const [name, filter, expected] of CASES) {
  Deno.test(`chooseTools() finds ${name}`, () => {
    const found = chooseTools(tools, { server: null, words: "", unused: false, ...filter });
    deepEqual(found.map(({ tool }) => tool), expected);
  });
}
