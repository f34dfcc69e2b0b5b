/** How a package that is not believed is spoken of. @module */
import { KmError } from "../../core/error.ts";
import { printableStart } from "../../core/printable.ts";
import { formatBytes } from "../../core/quantity.ts";

/** Longest piece of a package that a message repeats, in characters. */
const MAX_SHOWN = 120;

const HINT =
  "install nothing of it: get the package again from its publisher, and tell them if it stays as it is";

/** A package that is not what its publisher made, or that nobody should have made like this. */
export function refusePackage(state: string, hint: string = HINT, cause?: unknown): KmError {
  return new KmError("not_trusted", `Cannot accept the package: ${state}`, {
    hint,
    ...(cause !== undefined && { cause }),
  });
}

/** A package that no memory is given to. */
export function refuseLargePackage(mostBytes: number): KmError {
  return refusePackage(`it is larger than ${formatBytes(mostBytes)}, and no package is`);
}

/** A manifest that says something it must not say. Its author reads this as well, so it names the field. */
export function refuseManifest(state: string, hint?: string): KmError {
  return new KmError("not_trusted", `Cannot accept the manifest: ${state}`, {
    hint: hint ?? "its author has to change that; plugins/README.md says what a manifest may hold",
  });
}

/** Text out of a package, for a message: quoted, printable, not long. */
export function quote(text: string): string {
  return `"${printableStart(text, MAX_SHOWN)}"`;
}

/** A value out of a package, for a message. */
export function show(value: unknown): string {
  if (value === undefined) return "missing";
  return typeof value === "string" ? quote(value) : printableStart(JSON.stringify(value), MAX_SHOWN);
}
