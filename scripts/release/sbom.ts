/**
 * The bill of materials of a release, as CycloneDX 1.6: km, the packages of `deno.lock`, and the Deno in each built file.
 *
 * The same release gives the same text: the time is that of publishing, the serial number comes from the content.
 * @see https://cyclonedx.org/docs/1.6/json/
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { Contrib, Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import denoJson from "../../deno.json" with { type: "json" };
import { DENO_PINS, DENO_VERSION } from "../../src/proc/deno_pins.ts";
import type { BuiltFile } from "../build/compile.ts";
import type { LockedPackage } from "./packages.ts";

/** What the bill is of. */
export interface SbomOptions {
  readonly version: string;
  readonly commit: string | null;
  readonly published: Date;
  /** The built files with the address of each. */
  readonly files: readonly { readonly file: BuiltFile; readonly url: string }[];
  readonly packages: readonly LockedPackage[];
}

/** The bill as JSON. */
export function sbomText(options: SbomOptions): string {
  const bom = new Models.Bom();
  bom.metadata.timestamp = options.published;
  bom.metadata.component = describeKm(options);
  const libraries = new Map(options.packages.map((entry) => [entry.id, describePackage(entry)]));
  for (const { id, dependencies } of options.packages) {
    for (const other of dependencies) addDependency(libraries.get(id), libraries.get(other));
  }
  const runtimes = options.files.map(({ file }) => describeDeno(file));
  for (const component of [...libraries.values(), ...runtimes]) bom.components.add(component);
  for (const component of bom.components) {
    if (component.scope === Enums.ComponentScope.Required) addDependency(bom.metadata.component, component);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  const write = () => `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
  bom.serialNumber = serialNumberOf(write());
  return write();
}

function describeKm({ version, commit, files }: SbomOptions): Models.Component {
  const km = new Models.Component(Enums.ComponentType.Application, "km", { bomRef: "km", version });
  km.purl = `pkg:generic/km@${version}`;
  addLicense(km, denoJson.license);
  if (commit !== null) km.properties.add(new Models.Property("km:commit", commit));
  for (const { file, url } of files) {
    const hashes = new Models.HashDictionary([[Enums.HashAlgorithm["SHA-256"], file.sha256]]);
    km.externalReferences.add(
      new Models.ExternalReference(url, Enums.ExternalReferenceType.Distribution, {
        hashes,
        comment: file.target,
      }),
    );
  }
  return km;
}

function describePackage(
  { name, version, integrity, carried, license, id }: LockedPackage,
): Models.Component {
  const [group, rest] = name.startsWith("@") ? name.split("/") : [undefined, name];
  const component = new Models.Component(Enums.ComponentType.Library, rest ?? name, {
    bomRef: `npm:${id}`,
    version,
    scope: carried ? Enums.ComponentScope.Required : Enums.ComponentScope.Excluded,
    purl: npmPurl(name, version),
  });
  if (group !== undefined) component.group = group;
  if (license !== null) addLicense(component, license);
  component.hashes.set(Enums.HashAlgorithm["SHA-512"], hexOf(integrity));
  return component;
}

/** The runtime in a built file: npm's package of it in a portable file, `denort` from Deno's own server in a compiled one. */
function describeDeno({ target, kind }: BuiltFile): Models.Component {
  const name = kind === "portable" ? "deno" : "denort";
  const component = new Models.Component(Enums.ComponentType.Platform, name, {
    bomRef: `${name}@${DENO_VERSION}#${target}`,
    version: DENO_VERSION,
    scope: Enums.ComponentScope.Required,
  });
  addLicense(component, "MIT");
  component.properties.add(new Models.Property("km:target", target));
  const pin = DENO_PINS[target];
  if (kind !== "portable" || pin === undefined) return component;
  component.purl = npmPurl(pin.package, DENO_VERSION);
  component.hashes.set(Enums.HashAlgorithm["SHA-512"], hexOf(pin.integrity));
  component.properties.add(new Models.Property("km:executable:sha256", pin.sha256));
  return component;
}

function addDependency(from: Models.Component | undefined, to: Models.Component | undefined): void {
  if (from && to) from.dependencies.add(to.bomRef);
}

function addLicense(component: Models.Component, license: string): void {
  const isExpression = (text: string) => / (?:AND|OR|WITH) /.test(text);
  component.licenses.add(new Contrib.License.Factories.LicenseFactory(isExpression).makeFromString(license));
}

/** @see https://github.com/package-url/purl-spec, type npm: the scope's "@" is percent-encoded */
function npmPurl(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

/** From Subresource Integrity to hex. */
function hexOf(integrity: string): string {
  const [, base64] = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(integrity) ?? [];
  if (base64 === undefined) throw new TypeError(`"${integrity}" is no SHA-512`);
  return Buffer.from(base64, "base64").toString("hex");
}

/** A UUID of our own making (RFC 9562, version 8) from the text that it becomes a part of. */
function serialNumberOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = (8 + Number.parseInt(hex.slice(16, 17), 16) % 4).toString(16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, variant + hex.slice(17, 20)];
  return `urn:uuid:${[...parts, hex.slice(20, 32)].join("-")}`;
}
