import { equal } from "node:assert/strict";
import { testManifest } from "../../../tests/fakes/plugin_packages.ts";
import type { LoadedDefinition } from "../wire/decode.ts";
import { definitionProblem } from "./definition_problem.ts";

const SCHEMA = { type: "object", properties: { a: { type: "string", default: "x" } } };
const BASE = testManifest();
const MANIFEST = {
  ...BASE,
  configSchema: SCHEMA,
  permissions: { ...BASE.permissions, net: ["b.example:443", "a.example:80"] },
};

const CASES: readonly (readonly [LoadedDefinition, string | null])[] = [
  [{ configSchema: { properties: SCHEMA.properties, type: "object" }, requiredTier: "free" }, null],
  [{ configSchema: SCHEMA, permissions: { net: ["a.example:80", "b.example"] } }, null],
  [{ configSchema: SCHEMA, permissions: { data: { payload: "none", servers: ["*"] } } }, null],
  [{ configSchema: SCHEMA, requiredTier: "pro" }, 'its code needs the tier "pro", its manifest says "free"'],
  [{}, "the configSchema of its code is not that of its manifest"],
  [
    { configSchema: { ...SCHEMA, additionalProperties: false } },
    "the configSchema of its code is not that of its manifest",
  ],
  [
    { configSchema: SCHEMA, permissions: { net: ["a.example:80"] } },
    "its code and its manifest differ in permissions.net",
  ],
  [
    { configSchema: SCHEMA, permissions: { data: { payload: "full" } } },
    "its code and its manifest differ in permissions.data.payload",
  ],
  [{ configSchema: SCHEMA, permissions: 4 }, "its code and its manifest differ in permissions"],
];
for (const [definition, problem] of CASES) {
  Deno.test(`definitionProblem() of ${JSON.stringify(definition)}`, () =>
    equal(
      definitionProblem({ name: MANIFEST.name, version: MANIFEST.version, definition }, MANIFEST),
      problem,
    ));
}

Deno.test("definitionProblem() of another name or version", () => {
  const loaded = { name: "loud", version: "1.2.0", definition: { configSchema: SCHEMA } };
  const problem = 'its code says it is "loud" 1.2.0, its manifest says "quiet" 1.2.0';
  equal(definitionProblem(loaded, MANIFEST), problem);
});
