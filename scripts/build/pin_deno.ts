/**
 * `deno run -A scripts/build/pin_deno.ts <version>`: writes the version and the pins of `src/proc/deno_pins.ts` from what npm's registry has
 * of Deno's executables. A pin of that very version that cannot be refreshed stays; any other goes, and what is missing is said.
 * @module
 */
import { fileURLToPath } from "node:url";
import { reportError } from "../../src/cli/report_error.ts";
import { KmError } from "../../src/core/error.ts";
import { DENO_PINS, type VersionedPin } from "../../src/proc/deno_pins.ts";
import { isVersion } from "../../src/core/version.ts";
import { integrityOf, packDeno, sha256, unpackDeno } from "./get_deno.ts";
import { npm } from "./npm.ts";
import { type Target, TARGET_NAMES, TARGETS } from "./targets.ts";

const FILE = fileURLToPath(new URL("../../src/proc/deno_pins.ts", import.meta.url));

/** Pins by target. */
export type Pins = Readonly<Partial<Record<string, VersionedPin>>>;

/** What the registry has of `target`. @throws {KmError} download_failed when it has not */
export async function readPin(target: Target, version: string): Promise<VersionedPin> {
  const name = TARGETS[target].npm;
  const integrity = (await npm("view", `${name}@${version}`, "dist.integrity")).trim();
  if (!integrity.startsWith("sha512-")) throw new Error(`${name}@${version} has no integrity of SHA-512`);
  const tarball = await packDeno(name, version);
  // The registry's word and the bytes must be one.
  if (integrityOf(tarball) !== integrity) throw new Error(`${name}@${version} is not what the registry says`);
  return { package: name, version, integrity, sha256: sha256(await unpackDeno(tarball, target)) };
}

/** The text of `src/proc/deno_pins.ts`, formatted. */
export async function pinsText(version: string, pins: Pins): Promise<string> {
  const before = await Deno.readTextFile(FILE);
  const entries = TARGET_NAMES.flatMap((target) => {
    const pin = pins[target];
    if (pin === undefined) return [];
    const fields = Object.entries(pin).map(([name, value]) => `${name}: ${JSON.stringify(value)},`);
    return [`${JSON.stringify(target)}: {\n${fields.join("\n")}\n},`];
  });
  const after = before
    .replace(/(export const DENO_VERSION = )"[^"]*"/, `$1${JSON.stringify(version)}`)
    .replace(/(export const DENO_PINS:.* = \{\n)[^]*?\n?(\};\n)/, `$1${entries.join("\n")}\n$2`);
  return await format(after);
}

async function format(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext=ts", "-"],
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("deno fmt does not read what was made");
  return new TextDecoder().decode(stdout);
}

/** The pins of `version`: as `read` finds them, else those of `before` that are of the same version. Tells what became of each target. */
export async function renewPins(
  version: string,
  before: Pins,
  read: typeof readPin = readPin,
): Promise<{ readonly pins: Pins; readonly told: readonly string[] }> {
  const pins: Partial<Record<string, VersionedPin>> = {};
  const told: string[] = [];
  for (const target of TARGET_NAMES) {
    const old = before[target];
    try {
      pins[target] = await read(target, version);
      told.push(`${target}  pinned`);
    } catch (error) {
      if (old?.version === version) pins[target] = old;
      const kept = pins[target] === undefined ? "missing" : "the pin of before stays";
      told.push(`${target}  ${kept}: ${(error as Error).message}`);
    }
  }
  return { pins, told };
}

async function main([version, ...others]: readonly string[]): Promise<number> {
  if (version === undefined || others.length > 0 || !isVersion(version)) {
    return reportError(
      new KmError("usage", "Cannot pin Deno: say which version, and nothing else", {
        hint: "as in: deno run -A scripts/build/pin_deno.ts 2.9.6",
      }),
    );
  }
  const { pins, told } = await renewPins(version, DENO_PINS);
  for (const line of told) tell(line);
  await Deno.writeTextFile(FILE, await pinsText(version, pins));
  return TARGET_NAMES.every((target) => pins[target] !== undefined) ? 0 : 1;
}

function tell(text: string): void {
  // deno-lint-ignore no-console -- a script
  console.log(text);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
