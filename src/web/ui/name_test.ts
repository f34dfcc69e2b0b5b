import { deepEqual } from "node:assert/strict";
import { Name } from "./name.tsx";

Deno.test("Name writes out what would steer or hide letters, in the text and in what is told on hovering", () => {
  const { type, props } = Name({ text: "del\u202eete\u200b\u0007\u2066" });
  const shown = "del\\u{202e}ete\\u{200b}\\u{7}\\u{2066}";
  deepEqual([type, props], ["bdi", { title: shown, children: shown }]);
});

Deno.test("Name leaves letters of any script as they are", () => {
  for (const text of ["create_issue", "größe", "שלום", "検索"]) {
    deepEqual(Name({ text }).props, { title: text, children: text });
  }
});
