import { equal } from "node:assert/strict";
import { type CheckedSchema, schemaProblem } from "../config_schema.ts";
import { configProblem } from "./check_config.ts";

const SCHEMA: CheckedSchema = {
  type: "object",
  properties: {
    url: { type: "string", pattern: "^https://", maxLength: 12 },
    size: { type: "integer", minimum: 1, maximum: 9 },
    mode: { enum: ["a", { b: [1] }] },
    fixed: { const: 7 },
    list: { type: "array", items: { type: "string", minLength: 2 }, minItems: 1, maxItems: 2 },
    deep: { type: "object", properties: { x: { type: "null" } }, additionalProperties: { type: "number" } },
  },
  required: ["url"],
  additionalProperties: false,
};
const URL_OK = { url: "https://x" };

const CONFIGS: readonly (readonly [config: unknown, problem: string | null])[] = [
  [URL_OK, null],
  [{ ...URL_OK, size: 9, mode: { b: [1] }, fixed: 7, list: ["ab"], deep: { x: null, y: 1 } }, null],
  [[], "it is an empty list, and must be of type object"],
  [{}, "url is missing"],
  [{ url: 4 }, "url is 4, and must be of type string"],
  [{ url: "http://x" }, "url is another text, and must be like /^https:///"],
  [{ url: "https://🎉🎉🎉🎉" }, null],
  [{ url: "https://xxxxx" }, "url is another text, and must be 12 characters or less"],
  [{ ...URL_OK, size: 1.5 }, "size is 1.5, and must be of type integer"],
  [{ ...URL_OK, size: 0 }, "size is 0, and must be 1 or more"],
  [{ ...URL_OK, size: 10 }, "size is 10, and must be 9 or less"],
  [{ ...URL_OK, mode: { b: [2] } }, 'mode is an object, and must be one of "a", {"b":[1]}'],
  [{ ...URL_OK, fixed: "7" }, "fixed is another text, and must be 7"],
  [{ ...URL_OK, list: [] }, "list is an empty list, and must be a list of 1 or more"],
  [{ ...URL_OK, list: ["ab", "c"] }, "list[1] is another text, and must be 2 characters or more"],
  [{ ...URL_OK, list: ["ab", "cd", "ef"] }, "list is a list, and must be a list of 2 or less"],
  [{ ...URL_OK, deep: { x: 1 } }, "deep.x is 1, and must be of type null"],
  [{ ...URL_OK, deep: { y: "1" } }, "deep.y is another text, and must be of type number"],
  [{ ...URL_OK, toString: 1 }, "toString is not known; known: url, size, mode, fixed, list, deep"],
];
for (const [config, problem] of CONFIGS) {
  Deno.test(`configProblem() of ${JSON.stringify(config)}`, () =>
    equal(configProblem(SCHEMA, config), problem));
}

const SCHEMAS: readonly (readonly [schema: unknown, problem: string | null])[] = [
  [SCHEMA, null],
  [{ type: "object", properties: { a: { title: "A", description: "b", default: 1 } } }, null],
  [{ type: "object", $ref: "#" }, "configSchema.$ref is a keyword that km does not check"],
  [{ type: "object", constructor: 1 }, "configSchema.constructor is a keyword that km does not check"],
  [
    { properties: { a: { format: "uri" } } },
    "configSchema.properties.a.format is a keyword that km does not check",
  ],
  [{ items: [] }, "configSchema.items must be an object"],
  [{ additionalProperties: 1 }, "configSchema.additionalProperties must be an object"],
  [{ properties: { a: true } }, "configSchema.properties.a must be an object"],
  [
    { type: ["string"] },
    /* one name */ "configSchema.type must be one of string, number, integer, boolean, array, object, null",
  ],
  [{ enum: [] }, "configSchema.enum must be a list of values"],
  [{ required: [1] }, "configSchema.required must be a list of names"],
  [{ minLength: -1 }, "configSchema.minLength must be a whole number"],
  [{ minimum: "1" }, "configSchema.minimum must be a number"],
  [{ pattern: 1 }, "configSchema.pattern must be a text"],
];
for (const [schema, problem] of SCHEMAS) {
  Deno.test(`schemaProblem() of ${JSON.stringify(schema)}`, () => equal(schemaProblem(schema), problem));
}

Deno.test("schemaProblem() follows no schema for ever", () => {
  let schema: unknown = {};
  for (let depth = 0; depth < 20; depth++) schema = { items: schema };
  equal(/nested deeper than 16 times$/.test(schemaProblem(schema) ?? ""), true);
});
