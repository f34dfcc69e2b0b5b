import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { explainMismatch, negotiate, PROTOCOL_VERSIONS } from "./versions.ts";

Deno.test("this km speaks two versions", () => {
  verifies("plugin-protocol-versions");
  assert.deepEqual(PROTOCOL_VERSIONS, [1, 2]);
});

Deno.test.each(
  [
    [[1, 2], 2],
    [[2, 1], 2],
    [[1], 1],
    [[2, 3, 9], 2],
    [[3], null],
    [[0], null],
    [[], null],
  ] as const,
)("negotiate(%o) is the highest that both speak: %o", (theirs, expected) => {
  assert.equal(negotiate(theirs), expected);
});

Deno.test.each(
  [
    [[3], "speaks version 3 of the plugin protocol, this km speaks versions 1 and 2", "update km: km update"],
    [[5, 3, 4], "speaks versions 3, 4 and 5 of", "update km: km update"],
    [[], "speaks no version of", "install a newer release of the plugin"],
    [[0], "speaks version 0 of", "install a newer release of the plugin"],
  ] as const,
)("explainMismatch(%o) says who is behind", (theirs, message, hint) => {
  verifies("plugin-protocol-versions");
  const explained = explainMismatch("a-plugin", theirs);
  assert.ok(explained.message.startsWith(`"a-plugin" ${message}`), explained.message);
  assert.equal(explained.hint, hint);
});
