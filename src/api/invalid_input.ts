/** The 400 for input that a route's schema refuses: one plain sentence, the field by its name, and what would do. @module */
import type { z } from "@hono/zod-openapi";
import type { KmError } from "../core/error.ts";
import { ApiError } from "./errors.ts";

type Issue = z.core.$ZodIssue;

/** What was refused. */
export interface RefusedInput {
  readonly error: { readonly issues: readonly Issue[] };
  /** As it was sent; hono's validator hands it over, zod-openapi's type does not tell. */
  readonly data?: unknown;
  /** Hono's word for the part of the request. */
  readonly target: string;
}

const PARTS: Readonly<Record<string, string>> = { json: "body", param: "path", header: "headers" };

/** Types of the schemas as a reader calls them. */
const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

/** How the schemas' own words begin; what begins otherwise was written for this API. */
const NOT_OURS = /^(?:Invalid|Too small|Too big|Unrecognized)\b/;

/** Tells of what is wrong first. */
export function invalidInput({ error, data, target }: RefusedInput): ApiError {
  const [issue] = error.issues;
  const part = PARTS[target] ?? target;
  if (issue === undefined) return new ApiError(400, "invalid", `Cannot read the ${part}`, { field: part });
  if (issue.code === "unrecognized_keys") {
    const field = [...issue.path, issue.keys[0] ?? ""].join(".");
    return new ApiError(400, "invalid", `The ${part} has no field "${shown(field)}"`, { field });
  }
  const field = issue.path.join(".") || part;
  const name = issue.path.length === 0 ? `The ${part}` : `"${field}"`;
  const hint = hintOf(issue);
  return new ApiError(400, "invalid", sentence(issue, name, valueAt(data, issue.path)), {
    field,
    ...(hint !== undefined && { hint }),
  });
}

/** A reason that is a sentence with a hint already, for schemas that let the rest of km read a value. */
export function issueOf({ message, hint }: KmError): { code: "custom"; message: string; params: object } {
  return { code: "custom", message, params: { hint } };
}

/** At most so much of what was sent is repeated, in characters. */
const MAX_SHOWN = 40;

export function shown(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}

function sentence(issue: Issue, name: string, value: unknown): string {
  if (issue.code === "custom" && issue.params !== undefined) return `${issue.message} (${bare(name)})`;
  if (!NOT_OURS.test(issue.message)) {
    return `Cannot read ${name.replace(/^The /, "the ")}: ${issue.message}`;
  }
  if (value === undefined) return `${name} is missing`;
  switch (issue.code) {
    case "invalid_type":
      if (Array.isArray(value) && issue.expected === "string") return `${name} is given more than once`;
      return `${name} must be ${TYPES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return issue.values.length === 1
        ? `${name} must be ${String(issue.values[0])}`
        : `${name} must be one of ${issue.values.join(", ")}`;
    case "too_small":
      return `${name} must ${bound("at least", issue.origin, issue.minimum)}`;
    case "too_big":
      return `${name} must ${bound("at most", issue.origin, issue.maximum)}`;
    default:
      return `${name} is not valid`;
  }
}

function bound(most: string, origin: string, count: number | bigint): string {
  const unit = origin === "string" ? "character" : origin === "array" ? "entry" : null;
  if (unit === null) return `be ${most} ${count}`;
  const plural = unit === "entry" ? "entries" : "characters";
  return `have ${most} ${count} ${Number(count) === 1 ? unit : plural}`;
}

function hintOf(issue: Issue): string | undefined {
  const hint: unknown = issue.code === "custom" ? issue.params?.["hint"] : undefined;
  return typeof hint === "string" ? hint : undefined;
}

function bare(name: string): string {
  return name.replaceAll('"', "");
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key]; // as: any object may be asked for any key
  }
  return value;
}
