import { deepEqual, equal } from "node:assert/strict";
import { exampleOf, type Schema, schemaFields, typeWords } from "./schema.ts";

const SCHEMAS: Record<string, Schema> = {
  Event: {
    type: "object",
    properties: {
      id: { type: "string", description: "UUIDv7" },
      payload: {},
    },
    required: ["id"],
  },
  Page: {
    type: "object",
    properties: {
      events: { type: "array", items: { $ref: "#/components/schemas/Event" } },
      next: { $ref: "#/components/schemas/Page" },
    },
    required: ["events"],
  },
};

const TYPES: readonly (readonly [Schema, string])[] = [
  [{ type: "string" }, "string"],
  [{ type: ["string", "null"] }, "string | null"],
  [{ $ref: "#/components/schemas/Event" }, "Event"],
  [{ type: "array", items: { $ref: "#/components/schemas/Event" } }, "Event[]"],
  [{ type: "array", items: { type: ["string", "null"] } }, "(string | null)[]"],
  [{ type: "string", enum: ["a", "b"] }, '"a" | "b"'],
  [{ anyOf: [{ type: "string" }, { type: "number" }] }, "string | number"],
  [{ type: "integer", minimum: 1, maximum: 1000 }, "integer 1…1000"],
  [{}, "anything"],
];

for (const [schema, words] of TYPES) {
  Deno.test(`typeWords() writes ${words}`, () => equal(typeWords(schema), words));
}

Deno.test("schemaFields() opens what is inside, and a schema that contains itself once", () => {
  deepEqual(
    schemaFields({ $ref: "#/components/schemas/Page" }, SCHEMAS).map(({ path, type, required }) => [
      path.join("."),
      type,
      required,
    ]),
    [
      ["events", "Event[]", true],
      ["events[].id", "string", true],
      ["events[].payload", "anything", false],
      ["next", "Page", false],
    ],
  );
});

Deno.test("exampleOf() gives what the schema takes, with what it must have", () => {
  const schema: Schema = {
    type: "object",
    properties: {
      name: { type: "string", example: "laptop" },
      scopes: { type: "array", items: { type: "string", enum: ["read", "admin"] } },
      note: { type: "string" },
    },
    required: ["scopes"],
  };
  deepEqual(exampleOf(schema, {}), { name: "laptop", scopes: ["read"] });
});
