/**
 * What a plugin's `configSchema` may say: the part of JSON Schema that km checks, and nothing else, so that nobody relies on what is not checked.
 * Whether a configuration fits is looked at where the plugin is: a stranger's regular expression may take for ever.
 *
 * - Every schema: `type` (one name), `enum`, `const`, `default`, `title`, `description`
 * - `object`: `properties`, `required`, `additionalProperties` (true, false or a schema)
 * - `array`: `items` (one schema), `minItems`, `maxItems`
 * - `string`: `minLength`, `maxLength` (code points), `pattern` (ECMAScript, unicode, found anywhere)
 * - `number`, `integer`: `minimum`, `maximum`
 *
 * Defaults of a configuration's own members are filled in; those deeper inside are for the reader.
 * @see https://json-schema.org/draft/2020-12 @module
 */

/** What `type` may be. */
export const SCHEMA_TYPES: readonly string[] = [
  "string",
  "number",
  "integer",
  "boolean",
  "array",
  "object",
  "null",
];

/** A schema of this form. */
export interface CheckedSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, CheckedSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | CheckedSchema;
  readonly items?: CheckedSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** More is no configuration. */
const MAX_DEPTH = 16;

const isText = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => typeof value === "number";
const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);

/** Each keyword that is no schema itself: what it must be. */
const KEYWORDS: Readonly<Record<string, readonly [(value: unknown) => boolean, string]>> = {
  type: [(value) => SCHEMA_TYPES.includes(value as string), `one of ${SCHEMA_TYPES.join(", ")}`],
  enum: [(value) => Array.isArray(value) && value.length > 0, "a list of values"],
  const: [() => true, ""],
  default: [() => true, ""],
  title: [isText, "a text"],
  description: [isText, "a text"],
  required: [isTexts, "a list of names"],
  minItems: [isCount, "a whole number"],
  maxItems: [isCount, "a whole number"],
  minLength: [isCount, "a whole number"],
  maxLength: [isCount, "a whole number"],
  pattern: [isText, "a text"],
  minimum: [isNumber, "a number"],
  maximum: [isNumber, "a number"],
};

/** What is wrong with a configSchema, with its place; null: nothing. */
export function schemaProblem(schema: unknown): string | null {
  return problemAt(schema, "configSchema", 0);
}

function problemAt(schema: unknown, path: string, depth: number): string | null {
  if (!isRecord(schema)) return `${path} must be an object`;
  if (depth > MAX_DEPTH) return `${path} is nested deeper than ${MAX_DEPTH} times`;
  for (const [keyword, value] of Object.entries(schema)) {
    const problem = keywordProblem(keyword, value, `${path}.${keyword}`, depth);
    if (problem !== null) return problem;
  }
  return null;
}

function keywordProblem(keyword: string, value: unknown, path: string, depth: number): string | null {
  if (keyword === "items") return problemAt(value, path, depth + 1);
  if (keyword === "additionalProperties") {
    return typeof value === "boolean" ? null : problemAt(value, path, depth + 1);
  }
  if (keyword === "properties") {
    if (!isRecord(value)) return `${path} must be an object`;
    for (const [name, property] of Object.entries(value)) {
      const problem = problemAt(property, `${path}.${name}`, depth + 1);
      if (problem !== null) return problem;
    }
    return null;
  }
  const rule = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
  if (rule === undefined) return `${path} is a keyword that km does not check`;
  return rule[0](value) ? null : `${path} must be ${rule[1]}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
