import { deepEqual, equal, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { TempFolder } from "../tests/e2e/harness.ts";
import { verifies } from "../tests/verifies.ts";
import { buildWeb } from "./build_web.ts";

const STATIC = fileURLToPath(new URL("../src/api/static/", import.meta.url));
const FILES = ["app.css", "app.js", "icon.svg", "index.html"];

/** What the issue allows, in bytes as they are sent. */
const MAX_FIRST_LOAD_BYTES = 250 * 1024;

Deno.test("the committed dashboard is what src/web gives: else run deno task build:web", async () => {
  verifies("web-built");
  using folder = new TempFolder();
  await buildWeb(folder.path);
  deepEqual((await Array.fromAsync(Deno.readDir(STATIC), ({ name }) => name)).sort(), FILES);
  for (const file of FILES) {
    const [committed, built] = [`${STATIC}${file}`, `${folder.path}/${file}`].map((path) =>
      Deno.readTextFileSync(path)
    );
    // Not `equal` of the texts: their difference would be 200 kB long.
    ok(committed === built, `${file} is stale`);
  }
});

Deno.test("the dashboard's first load is small and names no other machine", () => {
  verifies("web-small");
  const texts = FILES.map((file) => Deno.readTextFileSync(`${STATIC}${file}`));
  const bytes = texts.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).byteLength, 0);
  ok(bytes <= MAX_FIRST_LOAD_BYTES, `${bytes} bytes`);
  const addresses = texts.join("\n").match(/(?:https?:)?\/\/[a-z0-9-]+\.[a-z0-9.-]+[a-z]/gi) ?? [];
  // Names of XML vocabularies; nobody loads them.
  equal(addresses.filter((address) => !address.includes("www.w3.org")).join(), "");
});
