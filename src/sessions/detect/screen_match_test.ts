import { deepEqual, equal } from "node:assert/strict";
import type { ScreenRule } from "../providers/provider.ts";
import { ScreenMatcher } from "./screen_match.ts";

function rule(more: Partial<ScreenRule>): ScreenRule {
  return {
    id: "rule",
    state: "waiting_input",
    versions: null,
    where: "bottom",
    rows: 3,
    atCursor: false,
    any: [],
    all: [],
    none: [],
    reason: "asks",
    neverAutoConfirm: false,
    guard: false,
    ...more,
  };
}

function idOf(rules: readonly ScreenRule[], rows: readonly string[]): string | null {
  return new ScreenMatcher(rules).match(rows, null)?.rule.id ?? null;
}

Deno.test("ScreenMatcher finds what a narrow terminal broke into rows, frames and all", () => {
  const rows = ["│ Do you trust the files in │", "│ this folder?              │"];
  equal(idOf([rule({ any: ["trust the files in this folder\\?"] })], rows), "rule");
});

Deno.test("ScreenMatcher looks at the last rows above the blank ones", () => {
  const rules = [rule({ any: ["question"] })];
  equal(idOf(rules, ["question", "1", "2", "", ""]), "rule");
  equal(idOf(rules, ["question", "1", "2", "3", "", ""]), null);
  equal(idOf([rule({ any: ["question"], where: "all" })], ["question", "1", "2", "3"]), "rule");
});

Deno.test("ScreenMatcher wants one of any, every one of all, and nothing of none", () => {
  const rules = [rule({ any: ["a", "b"], all: ["c", "d"], none: ["e"] })];
  deepEqual(
    ["b c d", "c d", "a c", "a c d e"].map((row) => idOf(rules, [row])),
    ["rule", null, null, null],
  );
});

Deno.test("ScreenMatcher looks for guards first", () => {
  const rules = [rule({ any: ["a"] }), rule({ id: "guard", guard: true, any: ["a"] })];
  equal(idOf(rules, ["a"]), "guard");
});

Deno.test("ScreenMatcher wants the cursor at the end where a rule does", () => {
  const matcher = new ScreenMatcher([rule({ atCursor: true, any: ["\\$ ?$"] })]);
  const found = (x: number, y: number) => matcher.match(["$ ls", "a", "$", ""], { x, y }) !== null;
  deepEqual([found(2, 2), found(0, 3), found(0, 2)], [true, false, false]);
});

Deno.test("ScreenMatcher quotes what it found, printable and short", () => {
  const quoting = rule({ any: ["Do you .*\\?"], reason: 'asks: "{match}"' });
  const reasonOf = (row: string) => new ScreenMatcher([quoting]).match([row], null)?.reason;
  equal(reasonOf("  Do you   want $& this?"), 'asks: "Do you want $& this?"');
  equal((reasonOf(`Do you ${"x".repeat(900)}?`) ?? "").length <= 200, true);
});

Deno.test("ScreenMatcher of an empty screen finds nothing", () => {
  equal(idOf([rule({ any: ["."] })], ["", ""]), null);
});
