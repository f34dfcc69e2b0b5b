/** Writes the Scoop manifest of a release: `km.json`. @see https://github.com/ScoopInstaller/Scoop/blob/master/schema.json @module */
import type { Target } from "../build/targets.ts";
import { DESCRIPTION, type Package } from "./homebrew.ts";

const ARCHITECTURES = [["64bit", "x86_64-pc-windows-msvc"], ["arm64", "aarch64-pc-windows-msvc"]] as const;

/** The manifest, or null when the release has nothing for Windows. */
export function scoopText(released: Package): string | null {
  const { version, license, homepage, baseUrl, files } = released;
  const found = ARCHITECTURES.flatMap(([name, target]: readonly [string, Target]) => {
    const file = files[target];
    return file ? [{ name, target, file }] : [];
  });
  if (found.length === 0) return null;
  // What follows "#/" is the name under which Scoop keeps the file.
  const architecture = found.map((
    { name, file },
  ) => [name, { url: `${file.url}#/km.exe`, hash: file.sha256 }]);
  const renewed = found.map(({ name, target, file }) => [name, {
    url: `${file.url.replaceAll(version, "$version")}#/km.exe`,
    hash: { url: `${baseUrl}/v$version.json`, jsonpath: `$.files['${target}'].sha256` },
  }]);
  const manifest = {
    version,
    description: `${DESCRIPTION}.`,
    homepage,
    license,
    architecture: Object.fromEntries(architecture),
    bin: "km.exe",
    checkver: { url: `${baseUrl}/stable.json`, jsonpath: "$.version" },
    autoupdate: { architecture: Object.fromEntries(renewed) },
  };
  return `${JSON.stringify(manifest, null, 4)}\n`;
}
