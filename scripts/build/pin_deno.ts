/**
 * `deno run -A scripts/build/pin_deno.ts [version]`: writes `src/proc/deno_pins.ts` anew from what npm's registry has of Deno's
 * executables. A pin that cannot be refreshed stays, as long as it is one of the same version; what is missing is said.
 * @module
 */
import { fileURLToPath } from "node:url";
import { DENO_PINS, DENO_VERSION, type DenoPin } from "../../src/proc/deno_pins.ts";
import { integrityOf, packDeno, sha256, unpackDeno } from "./get_deno.ts";
import { npm } from "./npm.ts";
import { type Target, TARGET_NAMES, TARGETS } from "./targets.ts";

const FILE = fileURLToPath(new URL("../../src/proc/deno_pins.ts", import.meta.url));

/** Pins by target. */
export type Pins = Readonly<Partial<Record<string, DenoPin>>>;

/** What the registry has of `target`. @throws {KmError} download_failed when it has not */
export async function readPin(target: Target, version: string): Promise<DenoPin> {
  const name = TARGETS[target].npm;
  const integrity = (await npm("view", `${name}@${version}`, "dist.integrity")).trim();
  if (!integrity.startsWith("sha512-")) throw new Error(`${name}@${version} has no integrity of SHA-512`);
  const tarball = await packDeno(name, version);
  // The registry's word and the bytes must be one.
  if (integrityOf(tarball) !== integrity) throw new Error(`${name}@${version} is not what the registry says`);
  return { package: name, integrity, sha256: sha256(await unpackDeno(tarball, target)) };
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

async function pinAll(version: string): Promise<number> {
  const pins: Partial<Record<string, DenoPin>> = version === DENO_VERSION ? { ...DENO_PINS } : {};
  for (const target of TARGET_NAMES) {
    try {
      pins[target] = await readPin(target, version);
      tell(`${target}  pinned`);
    } catch (error) {
      const kept = pins[target] === undefined ? "missing" : "the pin of before stays";
      tell(`${target}  ${kept}: ${(error as Error).message}`);
    }
  }
  await Deno.writeTextFile(FILE, await pinsText(version, pins));
  return TARGET_NAMES.every((target) => pins[target] !== undefined) ? 0 : 1;
}

function tell(text: string): void {
  // deno-lint-ignore no-console -- a script
  console.log(text);
}

if (import.meta.main) Deno.exit(await pinAll(Deno.args[0] ?? DENO_VERSION));
