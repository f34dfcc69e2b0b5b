import assert from "node:assert/strict";
import { requiredConfig } from "./required_config.ts";

const CASES: readonly (readonly [Parameters<typeof requiredConfig>[0], readonly string[]])[] = [
  [null, []],
  [{ type: "object" }, []],
  [{ type: "object", properties: { url: { type: "string" } } }, []],
  [{ required: ["url", "limit"], properties: { url: {}, limit: { default: 0 } } }, ["url"]],
  [{ required: ["toString"] }, ["toString"]],
];

Deno.test.each(CASES)("requiredConfig: of %o a user has to say %o", (schema, names) => {
  assert.deepEqual(requiredConfig(schema), names);
});
