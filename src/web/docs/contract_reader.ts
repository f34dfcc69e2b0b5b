/** The contract of the API as its reader shows it: operations by group, found by words, with a line for curl. Pure. @module */
import { curlCommand } from "../ui/curl.ts";
import { exampleOf, type Schema, type Schemas } from "./schema.ts";

/** The parts of an OpenAPI 3.1 document that are read. */
export interface Contract {
  readonly info: { readonly version: string; readonly description?: string };
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, ContractOperation | undefined>>>>;
  readonly components?: {
    readonly schemas?: Schemas;
    readonly responses?: Readonly<Record<string, ContractResponse>>;
  };
}

export interface ContractOperation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly description?: string; readonly content: Content };
  readonly responses: Readonly<Record<string, ContractResponse>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly example?: unknown;
  readonly schema: Schema;
}

export type Content = Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;

export interface ContractResponse {
  readonly $ref?: string;
  readonly description?: string;
  readonly content?: Content;
}

export interface Operation extends ContractOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** `read`, `ingest`, `admin`; "any" credentials; null when none are needed. */
  readonly scope: string | null;
}

export interface Group {
  readonly name: string;
  readonly description: string;
  readonly operations: readonly Operation[];
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

/** All operations, in the groups and the order of the document's tags. */
export function readGroups({ paths, tags = [] }: Contract): Group[] {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{
        ...operation,
        id: operation.operationId ?? `${method} ${path}`,
        method,
        path,
        scope: scopeOf(operation),
      }];
    })
  );
  return tags.map(({ name, description = "" }) => ({
    name,
    description,
    operations: operations.filter((operation) => operation.tags?.[0] === name),
  })).filter((group) => group.operations.length > 0);
}

function scopeOf({ security = [] }: ContractOperation): string | null {
  const [way] = security;
  if (way === undefined) return null;
  return Object.values(way)[0]?.[0] ?? "any";
}

/** The groups with the operations that contain every one of `words`; empty groups are left out. */
export function findOperations(groups: readonly Group[], words: string): Group[] {
  const parts = words.toLowerCase().split(/\s+/).filter((part) => part !== "");
  return groups.map((group) => ({
    ...group,
    operations: group.operations.filter((operation) => {
      const text = searchText(operation, group.name);
      return parts.every((part) => text.includes(part));
    }),
  })).filter(({ operations }) => operations.length > 0);
}

function searchText(operation: Operation, group: string): string {
  const { method, path, summary, description, parameters = [] } = operation;
  const names = parameters.map(({ name }) => name);
  return [group, method, path, summary, description, ...names].join(" ").toLowerCase();
}

/** The response that `response` stands for. */
export function resolveResponse(response: ContractResponse, contract: Contract): ContractResponse {
  const name = response.$ref?.replace("#/components/responses/", "");
  return name === undefined ? response : contract.components?.responses?.[name] ?? response;
}

/** A line for a shell that asks `operation` of the daemon at `origin`; null where curl cannot: it speaks no WebSocket. */
export function curlLine(operation: Operation, contract: Contract, origin: string): string | null {
  const { method, scope, requestBody, responses } = operation;
  if (responses["101"]) return null;
  const [body] = Object.entries(requestBody?.content ?? {});
  return curlCommand(origin + exampleAddress(operation), {
    method,
    authorized: scope !== null,
    streams: responses["200"]?.content?.["text/event-stream"] !== undefined,
    ...(body && { body: { type: body[0], text: exampleText(body[1], contract.components?.schemas ?? {}) } }),
  });
}

function exampleText({ schema = {}, example }: Content[string], schemas: Schemas): string {
  return JSON.stringify(example ?? exampleOf(schema, schemas));
}

/** The path with examples in it, and the query that cannot be left out. */
function exampleAddress({ path, parameters = [] }: Operation): string {
  const value = ({ name, example, schema }: Parameter) =>
    String(example ?? schema.example ?? schema.examples?.[0] ?? name.toUpperCase());
  const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const parameter = parameters.find((one) => one.in === "path" && one.name === name);
    return parameter ? encodeURIComponent(value(parameter)) : name.toUpperCase();
  });
  const query = parameters.filter((one) => one.in === "query" && one.required)
    .map((one) => `${one.name}=${encodeURIComponent(value(one))}`);
  return query.length === 0 ? filled : `${filled}?${query.join("&")}`;
}
