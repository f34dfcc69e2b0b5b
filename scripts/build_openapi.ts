/**
 * `deno task build:openapi`: writes the contract of the API to `src/api/openapi.json`, which is committed, so that a change of
 * the API is seen in review. A test makes it again and fails when it differs.
 * @module
 */
import { fileURLToPath } from "node:url";
import configuration from "../deno.json" with { type: "json" };
import { createApp } from "../src/api/app.ts";
import type { ApiDeps } from "../src/api/deps.ts";
import { openApiDocument } from "../src/api/openapi_document.ts";

/** Where the contract is committed. */
export const OPENAPI_FILE: string = fileURLToPath(new URL("../src/api/openapi.json", import.meta.url));

if (import.meta.main) await Deno.writeTextFile(OPENAPI_FILE, openApiText());

/** The contract as text, from the API itself. */
export function openApiText(): string {
  const paths = { home: "", database: "", config: "" };
  // As: the contract is made from the routes alone; none of them is asked anything.
  const app = createApp({ version: configuration.version, paths } as ApiDeps);
  return JSON.stringify(openApiDocument(app, configuration.version), null, 2) + "\n";
}
