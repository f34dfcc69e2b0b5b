import { deepStrictEqual } from "node:assert/strict";
import { actionOf, type KeyPress } from "./live_keys.ts";

const press = (key: string, focus: KeyPress["focus"] = "page", modified = false) =>
  actionOf({ key, focus, modified });

Deno.test("actionOf() leaves letters and Space to fields, but not Esc", () => {
  deepStrictEqual(["j", " ", "/", "?", "Enter", "Escape"].map((key) => press(key, "text")), [
    null,
    null,
    null,
    null,
    null,
    "close",
  ]);
});

Deno.test("actionOf() leaves Space, Enter and arrows to controls, but not letters", () => {
  deepStrictEqual([" ", "Enter", "ArrowDown", "j"].map((key) => press(key, "control")), [
    null,
    null,
    null,
    "next",
  ]);
});

Deno.test("actionOf() leaves keys with modifiers to the browser", () => {
  deepStrictEqual([press("k", "page", true), press("G", "grid", true)], [null, null]);
});

Deno.test("actionOf() knows arrows and letters in the grid", () => {
  deepStrictEqual(["ArrowUp", "k", "g", "G", "Enter", " ", "x"].map((key) => press(key, "grid")), [
    "previous",
    "previous",
    "first",
    "last",
    "open",
    "pause",
    null,
  ]);
});
