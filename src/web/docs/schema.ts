/** JSON Schemas of the contract as a reader sees them: a type in a few words, and one line for each field. Pure. @module */

/** The parts of a JSON Schema (2020-12) that the contract uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

/** Schemas by their names, as references point to them. */
export type Schemas = Readonly<Record<string, Schema>>;

/** One line of an expanded schema. */
export interface Field {
  /** Names from the outside in: `events[]`, `id`. */
  readonly path: readonly string[];
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

/** Deep enough for every answer of km, and an end for schemas that contain themselves. */
const MAX_DEPTH = 6;

/** The schema that a reference points to; another schema as it is. */
export function resolve(schema: Schema, schemas: Schemas): Schema {
  const name = refName(schema);
  if (name === null) {
    return schema.allOf?.length === 1 ? { ...resolve(first(schema.allOf), schemas), ...own(schema) } : schema;
  }
  // A description beside a reference is about this use of it.
  return { ...schemas[name], ...own(schema) };
}

/** A type in a few words: `string | null`, `"asc" | "desc"`, `Event[]`, `number 1…1000`. */
export function typeWords(schema: Schema): string {
  const name = refName(schema);
  if (name !== null) return name;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return [...new Set(either.map(typeWords))].join(" | ");
  if (schema.allOf) return schema.allOf.map(typeWords).join(" & ");
  if (schema.prefixItems) return `[${schema.prefixItems.map(typeWords).join(", ")}]`;
  const types = typeof schema.type === "string" ? [schema.type] : schema.type ?? [];
  if (types.length === 0) return schema.properties ? "object" : "anything";
  return types.map((type) => oneType(type, schema)).join(" | ") + bounds(schema);
}

function oneType(type: string, { items, format }: Schema): string {
  if (type === "array") {
    const inner = items ? typeWords(items) : "anything";
    return /[ |&]/.test(inner) ? `(${inner})[]` : `${inner}[]`;
  }
  return format === undefined ? type : `${type} (${format})`;
}

function bounds({ minimum, maximum, minLength, maxLength, minItems, maxItems }: Schema): string {
  const [from, to] = [minimum ?? minItems, maximum ?? maxItems];
  if (from !== undefined || to !== undefined) return ` ${from ?? ""}…${to ?? ""}`;
  if (maxLength !== undefined) return `, ${minLength ?? 0}…${maxLength} characters`;
  return "";
}

/** Every field of `schema`, the inner ones below the one that they are part of. */
export function schemaFields(schema: Schema, schemas: Schemas): Field[] {
  return expand(schema, schemas, [], []);
}

function expand(
  schema: Schema,
  schemas: Schemas,
  path: readonly string[],
  inside: readonly string[],
): Field[] {
  const name = refName(schema);
  // A schema that contains itself is named and not opened again.
  if (path.length > MAX_DEPTH || (name !== null && inside.includes(name))) return [];
  const known = name === null ? inside : [...inside, name];
  const here = resolve(schema, schemas);
  const alternatives = here.anyOf ?? here.oneOf ?? here.allOf;
  if (alternatives) {
    return alternatives.filter(isOpen).flatMap((one) => expand(one, schemas, path, known));
  }
  if (here.items && isOpen(here.items)) {
    const outer = path.slice(0, -1);
    return expand(here.items, schemas, [...outer, `${path.at(-1) ?? ""}[]`], known);
  }
  return Object.entries(here.properties ?? {}).flatMap(([key, value]) => [
    {
      path: [...path, key],
      type: typeWords(value),
      required: here.required?.includes(key) ?? false,
      description: resolve(value, schemas).description ?? "",
    },
    ...expand(value, schemas, [...path, key], known),
  ]);
}

function isOpen(schema: Schema): boolean {
  return refName(schema) !== null || schema.properties !== undefined || schema.items !== undefined ||
    (schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []).some(isOpen);
}

/** A value that the schema takes, as small as it may be: for examples to copy. */
export function exampleOf(schema: Schema, schemas: Schemas, depth = 0): unknown {
  const here = resolve(schema, schemas);
  const told = here.example ?? here.examples?.[0] ?? here.default ?? here.const ?? here.enum?.[0];
  if (told !== undefined) return told;
  const either = here.anyOf ?? here.oneOf ?? here.allOf;
  if (either) return exampleOf(first(either), schemas, depth);
  const type = typeof here.type === "string" ? here.type : here.type?.[0];
  switch (type) {
    case "string":
      return "…";
    case "integer":
    case "number":
      return here.minimum ?? 0;
    case "boolean":
      return true;
    case "array":
      return here.items && depth < MAX_DEPTH ? [exampleOf(here.items, schemas, depth + 1)] : [];
    case "object":
      return Object.fromEntries(
        Object.entries(here.properties ?? {}).filter(([key, value]) =>
          here.required?.includes(key) || value.example !== undefined
        ).map(([key, value]) => [key, exampleOf(value, schemas, depth + 1)]),
      );
    default:
      return null;
  }
}

function refName({ $ref }: Schema): string | null {
  return $ref?.replace(/^#\/components\/\w+\//, "") ?? null;
}

function own({ $ref: _ref, allOf: _allOf, ...rest }: Schema): Schema {
  return rest;
}

function first(schemas: readonly Schema[]): Schema {
  return schemas[0] ?? {};
}
