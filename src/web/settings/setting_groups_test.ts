import { deepStrictEqual } from "node:assert/strict";
import { groupOf } from "./setting_groups.ts";

Deno.test("groupOf() has a place for every setting, known or not", () => {
  deepStrictEqual(
    ["retention.days", "redact", "model", "ingest.maxEvents", "somethingNew"].map((key) =>
      groupOf(key).title
    ),
    [
      "What is kept",
      "Secrets",
      "Money",
      "Everything else",
      "Everything else",
    ],
  );
});
