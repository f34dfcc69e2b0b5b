import { deepEqual, equal, ok } from "node:assert/strict";
import { OPENAPI_FILE, openApiText } from "./build_openapi.ts";
import { missingPackages, NPM } from "../tests/e2e/real_programs.ts";
import { testUnless } from "../tests/skip.ts";
import { verifies } from "../tests/verifies.ts";

/** The parts of the document that these tests look at. */
interface Operation {
  readonly summary?: string;
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly responses: Readonly<Record<string, unknown>>;
}

// As: JSON that the program itself made.
const document = JSON.parse(openApiText()) as {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ name: `${method} ${path}`, ...operation }))
);

Deno.test("the committed contract is what the API gives: else run deno task build:openapi", async () => {
  verifies("api-openapi");
  equal(await Deno.readTextFile(OPENAPI_FILE), openApiText());
});

testUnless(missingPackages(), "the contract is valid OpenAPI 3.1 without dangling references", async () => {
  verifies("api-openapi");
  const { stdout, stderr } = await new Deno.Command("node", {
    args: [`${NPM}/validate_openapi.mjs`, OPENAPI_FILE],
  }).output();
  equal(new TextDecoder().decode(stderr), "");
  deepEqual(JSON.parse(new TextDecoder().decode(stdout)), { version: "3.1", errors: [] });
});

Deno.test("openApiDocument() describes every operation: a summary, a known group, a failure", () => {
  const groups = document.tags.map(({ name }) => name);
  for (const { name, summary, tags, responses } of operations) {
    ok(summary, name);
    ok(groups.includes(tags[0] ?? ""), name);
    ok("default" in responses, name);
  }
});

Deno.test("openApiDocument() gives every operation an id of its own", () => {
  const ids = operations.map(({ operationId }) => operationId);
  equal(new Set(ids).size, ids.length, ids.join(" "));
});

Deno.test("openApiDocument() demands credentials of everything but health, the contract and what is sent them itself", () => {
  const open = operations.filter(({ security }) => security.length === 0).map(({ name }) => name).sort();
  const known = [
    "get /api/openapi.json",
    "get /api/sessions/{id}/ws",
    "get /api/ws",
    "get /health",
    "get /ready",
    "post /api/auth/session",
  ];
  deepEqual(open, known.filter((name) => operations.some((operation) => operation.name === name)));
});

Deno.test("openApiDocument() tells the scope that the route itself demands", () => {
  const scopeOf = (wanted: string) =>
    operations.find(({ name }) => name === wanted)?.security.map((way) => Object.values(way)[0]?.[0]);
  deepEqual(scopeOf("get /api/activity"), ["read", "read"]);
  deepEqual(scopeOf("post /api/events"), ["ingest", "ingest"]);
  deepEqual(scopeOf("post /api/prune"), ["admin", "admin"]);
  deepEqual(scopeOf("get /api/sessions"), ["read", "read", "sessions", "sessions"], "either");
});
