import { deepEqual, equal, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { TempFolder } from "../tests/e2e/harness.ts";
import { verifies } from "../tests/verifies.ts";
import { buildWeb } from "./build_web.ts";

const STATIC = fileURLToPath(new URL("../src/api/static/", import.meta.url));
const FIRST_LOAD = ["app.css", "app.js", "icon.svg", "index.html"];
/** Loaded by the pages that show terminals. */
const LATER = ["terminal.css", "terminal.js"];
const FILES = [...FIRST_LOAD, ...LATER];

/** What the issue allows, in bytes as they are sent. */
const MAX_FIRST_LOAD_BYTES = 250 * 1024;
/** What terminals may cost more, in bytes as they are sent. */
const MAX_TERMINALS_BYTES = 150 * 1024;

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
  const [first, later] = [FIRST_LOAD, LATER].map((files) =>
    files.map((file) => sentBytes(file)).reduce((a, b) => a + b)
  );
  ok((first ?? 0) <= MAX_FIRST_LOAD_BYTES, `${first} bytes`);
  ok((later ?? 0) <= MAX_TERMINALS_BYTES, `${later} bytes for terminals`);
  const texts = FILES.map((file) => Deno.readTextFileSync(`${STATIC}${file}`));
  const addresses = texts.join("\n").match(/(?:https?:)?\/\/[a-z0-9-]+\.[a-z0-9.-]+[a-z]/gi) ?? [];
  // Names of XML vocabularies, who is thanked in comments of xterm.js, the end of a regular expression; nobody loads them.
  const named = /www\.w3\.org|^\/\/i\.test$|^https:\/\/github\.com$|^http:\/\/bellard\.org$/;
  equal(addresses.filter((address) => !named.test(address)).join(), "");
});

function sentBytes(file: string): number {
  return gzipSync(Deno.readFileSync(`${STATIC}${file}`), { level: 9 }).byteLength;
}
