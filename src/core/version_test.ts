import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { compareVersions, isPrerelease, isVersion } from "./version.ts";

/** Each comes before the next. The middle ones are the example of the specification, item 11. */
const ORDERED = [
  "0.0.9",
  "0.1.0-beta.1",
  "0.1.0",
  "0.2.0",
  "0.10.0",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-beta.2",
  "1.0.0-beta.11",
  "1.0.0-rc.1",
  "1.0.0",
  "1.0.1",
  "2.0.0",
  "99999999999999999999999.0.0",
  "99999999999999999999999.0.1",
];

Deno.test("compareVersions() orders as SemVer 2.0.0 says", () => {
  verifies("update-refuses-older");
  for (const [at, a] of ORDERED.entries()) {
    for (const [other, b] of ORDERED.entries()) {
      assert.equal(compareVersions(a, b), Math.sign(at - other), `${a} and ${b}`);
    }
  }
  assert.equal(compareVersions("1.0.0+a", "1.0.0+b"), 0);
});

Deno.test("isVersion() knows what is no version, and compareVersions() refuses it", () => {
  for (const text of [...ORDERED, "1.2.3+build.7", "1.2.3-0a.-"]) assert.ok(isVersion(text), text);
  for (
    const text of [
      "",
      "1",
      "1.2",
      "v1.2.3",
      "1.2.3.4",
      "01.2.3",
      "1.2.3-",
      "1.2.3-01",
      "1.2.3-a..b",
      " 1.2.3",
      "1.2.3\n",
    ]
  ) {
    assert.ok(!isVersion(text), JSON.stringify(text));
    assert.throws(() => compareVersions(text, "1.0.0"), TypeError);
  }
  assert.ok(!isVersion(`1.2.3-${"a".repeat(100)}`));
});

Deno.test("isPrerelease() is true for what only the beta channel gets", () => {
  assert.deepEqual(["1.2.3", "1.2.3-beta.1", "1.2.3+build-1"].map(isPrerelease), [false, true, false]);
});
