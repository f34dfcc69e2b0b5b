import assert from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { missingPackages, NPM } from "../../tests/e2e/real_programs.ts";
import { testUnless } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import { fakeRelease } from "./fake_release.ts";

interface Component {
  readonly "bom-ref": string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly scope?: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly unknown[];
}

interface Bom {
  readonly serialNumber: string;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
  readonly metadata: { readonly timestamp: string };
}

const NOW = new Date("2026-11-21T00:00:00Z");

testUnless(
  missingPackages(),
  "the bill of materials is valid CycloneDX 1.6, by the strict schema",
  async () => {
    verifies("release-files");
    using temp = new TempFolder();
    const { folder } = await fakeRelease(temp.path);
    const args = [`${NPM}/validate_sbom.mjs`, `${folder}/km-1.2.3.cdx.json`];
    const { stdout } = await new Deno.Command("node", { args }).output();
    assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), { errors: [] });
  },
);

Deno.test("the bill of materials has every package of deno.lock, and says which of them a km carries", async () => {
  verifies("release-files");
  const { components } = await readBom();
  const lock = JSON.parse(await Deno.readTextFile(new URL("../../deno.lock", import.meta.url)));
  const libraries = components.filter(({ "bom-ref": ref }) => ref.startsWith("npm:"));
  assert.deepEqual(
    libraries.map((library) => library["bom-ref"].slice(4)).sort(),
    Object.keys(lock.npm).sort(),
  );
  for (const { "bom-ref": ref, hashes, purl } of libraries) {
    const [hash] = hashes ?? [];
    const hex = Uint8Array.fromBase64(lock.npm[ref.slice(4)].integrity.slice("sha512-".length)).toHex();
    assert.deepEqual(hash, { alg: "SHA-512", content: hex });
    assert.match(purl ?? "", /^pkg:npm\/(%40[\w-]+\/)?[\w-]+@\d+\.\d+\.\d+$/);
  }
  const scope = (name: string) => libraries.find((library) => library.name === name)?.scope;
  for (const name of ["hono", "zod", "jose", "yaml", "preact", "uplot", "jsonc-parser"]) {
    assert.equal(scope(name), "required", name);
  }
  for (const name of ["playwright-core", "axe-core", "nanotar", "cyclonedx-library"]) {
    assert.equal(scope(name), "excluded", name);
  }
  for (const { name, licenses, scope } of components) {
    if (scope === "required") assert.equal(licenses?.length, 1, `the licence of ${name}`);
  }
});

Deno.test("the bill of materials says what depends on what, and which Deno each file holds", async () => {
  verifies("release-files");
  const { components, dependencies } = await readBom();
  const needs = (ref: RegExp) => dependencies.find((entry) => ref.test(entry.ref))?.dependsOn ?? [];
  assert.ok(needs(/^npm:openapi3-ts@/).some((ref) => ref.startsWith("npm:yaml@")));
  assert.ok(needs(/^km$/).some((ref) => ref.startsWith("npm:hono@")));
  assert.ok(!needs(/^km$/).some((ref) => ref.startsWith("npm:playwright-core@")));
  const deno = components.find((component) => component["bom-ref"].endsWith("#x86_64-unknown-linux-gnu"));
  assert.match(deno?.purl ?? "", /^pkg:npm\/%40deno\/linux-x64-glibc@2\.\d+\.\d+$/);
  assert.match(deno?.hashes?.[0]?.content ?? "", /^[0-9a-f]{128}$/);
  const windows = components.find((component) => component["bom-ref"].endsWith("#x86_64-pc-windows-msvc"));
  assert.equal(windows?.name, "denort");
});

Deno.test("the bill of materials of one release is always the same text", async () => {
  verifies("release-files");
  const [first, second] = [await readBomText(), await readBomText()];
  assert.equal(first, second);
  const { serialNumber, metadata } = JSON.parse(first) as Bom;
  assert.match(
    serialNumber,
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  assert.equal(Date.parse(metadata.timestamp), NOW.getTime());
  const other = JSON.parse(await readBomText("1.2.4")) as Bom;
  assert.notEqual(other.serialNumber, serialNumber);
});

async function readBom(): Promise<Bom> {
  return JSON.parse(await readBomText());
}

async function readBomText(version = "1.2.3"): Promise<string> {
  using temp = new TempFolder();
  const { folder } = await fakeRelease(temp.path, { version, now: NOW });
  return await Deno.readTextFile(`${folder}/km-${version}.cdx.json`);
}
