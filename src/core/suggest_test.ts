import { equal } from "node:assert/strict";
import { editDistance, suggest } from "./suggest.ts";

const COMMANDS = ["monitor", "events", "calls", "show", "stats", "export", "demo"];

const SLIPS: readonly (readonly [string, string | undefined])[] = [
  ["moniter", "monitor"],
  ["mnoitor", "monitor"],
  ["monitr", "monitor"],
  ["event", "events"],
  ["stat", "stats"],
  ["hsow", "show"],
  ["EVENTS", "events"],
  ["even", "events"],
  ["mon", "monitor"],
  ["callslist", "calls"],
  ["ev", undefined],
  ["node", undefined],
  ["npx", undefined],
  ["python", undefined],
  ["", undefined],
];

for (const [typed, meant] of SLIPS) {
  Deno.test(`suggest() answers ${meant ?? "nothing"} for "${typed}"`, () =>
    equal(suggest(typed, COMMANDS), meant));
}

Deno.test("editDistance() counts a swap of neighbours once", () => {
  equal(editDistance("abcd", "abdc"), 1);
  equal(editDistance("", "abc"), 3);
  equal(editDistance("kitten", "sitting"), 3);
});
