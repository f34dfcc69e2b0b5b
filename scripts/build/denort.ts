/** `denort`, the base of what `deno compile` makes: the one that DENORT_BIN names, else the one Deno fetches from its own server. @module */
import { KmError } from "../../src/core/error.ts";
import { type Target, TARGET_NAMES, TARGETS } from "./targets.ts";

/** Reads enough of an executable to tell what it runs on, in bytes. */
const HEAD_BYTES = 4096;

/** Refuses a DENORT_BIN that can be of no use. @throws {KmError} usage */
export async function checkDenort(): Promise<void> {
  const given = Deno.env.get("DENORT_BIN");
  if (given) await targetOfExecutable(given);
}

/** Environment for a `deno compile` for `target`: with DENORT_BIN only when that is for the same target. @throws {KmError} usage */
export async function denortEnvironment(target: Target): Promise<Record<string, string>> {
  const { DENORT_BIN: given, ...others } = Deno.env.toObject();
  if (given === undefined || given === "") return others;
  return await targetOfExecutable(given) === target ? { ...others, DENORT_BIN: given } : others;
}

/** What a base binary runs on. One for another system would give a file that starts nowhere. @throws {KmError} usage */
export async function targetOfExecutable(path: string): Promise<Target> {
  const head = await readHead(path).catch((error) => {
    throw new KmError("usage", `Cannot read DENORT_BIN "${path}": ${error.message}`, {
      hint: "it must be the denort executable of this Deno, or unset",
      cause: error,
    });
  });
  const kind = elf(head) ?? machO(head) ?? portableExecutable(head);
  const target = TARGET_NAMES.find((name) =>
    TARGETS[name].os === kind?.os && TARGETS[name].arch === kind.arch
  );
  if (target !== undefined) return target;
  throw new KmError(
    "usage",
    `Cannot use DENORT_BIN "${path}": it is no executable of a system km is built for`,
    {
      hint: `these are ${TARGET_NAMES.join(", ")}`,
    },
  );
}

/** What Deno says when it could not get denort; null when it failed for another reason. Source: Deno 2.9.6 without a network, 2026-11-21. */
export function denortRefusal(stderr: string): string | null {
  if (!stderr.includes("Setting up base binary")) return null;
  const causes = stderr.split("\n").filter((line) => /^\s+[1-9]\d*: /.test(line));
  const innermost = causes.filter((line) => !line.includes("<unknown>")).at(-1);
  return innermost?.replace(/^\s*\d+: /, "") ?? "no reason given";
}

interface Kind {
  readonly os: typeof Deno.build.os;
  readonly arch: typeof Deno.build.arch;
}

/** @see elf(5): e_machine is 62 for x86-64, 183 for AArch64 */
function elf(head: DataView): Kind | null {
  if (head.getUint32(0) !== 0x7f454c46) return null;
  const arch = ARCHITECTURES[head.getUint16(18, true)];
  return arch === undefined ? null : { os: "linux", arch };
}

/** @see <mach-o/loader.h>: 64-bit magic, then cputype */
function machO(head: DataView): Kind | null {
  if (head.getUint32(0, true) !== 0xfeedfacf) return null;
  const arch = ARCHITECTURES[head.getUint32(4, true)];
  return arch === undefined ? null : { os: "darwin", arch };
}

/** @see the PE format: "MZ", at 0x3c where "PE\0\0" lies, behind which stands the machine */
function portableExecutable(head: DataView): Kind | null {
  if (head.getUint16(0) !== 0x4d5a) return null;
  const at = head.getUint32(0x3c, true);
  if (at > HEAD_BYTES - 6 || head.getUint32(at) !== 0x50450000) return null;
  const arch = ARCHITECTURES[head.getUint16(at + 4, true)];
  return arch === undefined ? null : { os: "windows", arch };
}

/** By the numbers of the three formats, which do not collide. */
const ARCHITECTURES: Readonly<Record<number, Kind["arch"]>> = {
  62: "x86_64",
  183: "aarch64",
  0x01000007: "x86_64",
  0x0100000c: "aarch64",
  0x8664: "x86_64",
  0xaa64: "aarch64",
};

async function readHead(path: string): Promise<DataView> {
  using file = await Deno.open(path);
  const head = new Uint8Array(HEAD_BYTES);
  await file.read(head);
  return new DataView(head.buffer);
}
