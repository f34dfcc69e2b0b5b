/** Whether a configuration is as a plugin's schema says. Runs where the plugin runs: its regular expressions are its own. @module */
import type { CheckedSchema } from "../config_schema.ts";

/** What of `value` is not as `schema` says, with its place and what was expected; null: nothing. */
export function configProblem(schema: CheckedSchema, value: unknown): string | null {
  return problemAt(schema, value, "");
}

function problemAt(schema: CheckedSchema, value: unknown, path: string): string | null {
  const wrong = (expected: string) => `${path || "it"} is ${found(value)}, and must be ${expected}`;
  const { type } = schema;
  if (type !== undefined && !isOfType(value, type)) return wrong(`of type ${type}`);
  if (schema.enum !== undefined && !schema.enum.some((one) => isSame(one, value))) {
    return wrong(`one of ${schema.enum.map(shown).join(", ")}`);
  }
  if (schema.const !== undefined && !isSame(schema.const, value)) return wrong(shown(schema.const));
  if (typeof value === "string") return boundOf(schema, value, wrong);
  if (typeof value === "number") {
    if (schema.minimum !== undefined && value < schema.minimum) return wrong(`${schema.minimum} or more`);
    if (schema.maximum !== undefined && value > schema.maximum) return wrong(`${schema.maximum} or less`);
    return null;
  }
  if (Array.isArray(value)) return itemsProblem(schema, value, path, wrong);
  return typeof value === "object" && value !== null ? membersProblem(schema, value, path) : null;
}

function boundOf(schema: CheckedSchema, value: string, wrong: (expected: string) => string): string | null {
  const { minLength, maxLength, pattern } = schema;
  const length = minLength === undefined && maxLength === undefined ? 0 : [...value].length;
  if (minLength !== undefined && length < minLength) return wrong(`${minLength} characters or more`);
  if (maxLength !== undefined && length > maxLength) return wrong(`${maxLength} characters or less`);
  return pattern === undefined || new RegExp(pattern, "u").test(value) ? null : wrong(`like /${pattern}/`);
}

function itemsProblem(
  { items, minItems, maxItems }: CheckedSchema,
  value: readonly unknown[],
  path: string,
  wrong: (expected: string) => string,
): string | null {
  if (minItems !== undefined && value.length < minItems) return wrong(`a list of ${minItems} or more`);
  if (maxItems !== undefined && value.length > maxItems) return wrong(`a list of ${maxItems} or less`);
  if (items === undefined) return null;
  for (const [at, item] of value.entries()) {
    const problem = problemAt(items, item, `${path}[${at}]`);
    if (problem !== null) return problem;
  }
  return null;
}

function membersProblem(schema: CheckedSchema, value: object, path: string): string | null {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const at = (name: string) => path === "" ? name : `${path}.${name}`;
  for (const name of required) if (!Object.hasOwn(value, name)) return `${at(name)} is missing`;
  for (const [name, member] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (known === false) {
      const all = Object.keys(properties).join(", ");
      return `${at(name)} is not known; ${all === "" ? "there is nothing to set" : `known: ${all}`}`;
    }
    const problem = known === true || known === undefined ? null : problemAt(known, member, at(name));
    if (problem !== null) return problem;
  }
  return null;
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    default:
      return typeof value === "number";
  }
}

/** Both come from JSON. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return Array.isArray(a) === Array.isArray(b) && left.length === right.length &&
    left.every(([name, value]) => Object.hasOwn(b, name) && isSame(value, Reflect.get(b, name)));
}

/** A text may be a secret: it is not repeated. */
function found(value: unknown): string {
  if (typeof value === "string") return value === "" ? "an empty text" : "another text";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "object" && value !== null ? "an object" : shown(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
