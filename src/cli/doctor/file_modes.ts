/** Whether a file is there, who may use it, and closing it to others. @module */
import type { Repair } from "./check.ts";

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const PERMISSIONS = 0o777;

/** True when group or others may do anything with it; never on Windows, which has no modes. */
export function openToOthers(mode: number | null): boolean {
  return Deno.build.os !== "windows" && mode !== null && (mode & OTHERS) !== 0;
}

/** True when group or others may write it. */
export function writableByOthers(mode: number | null): boolean {
  return Deno.build.os !== "windows" && mode !== null && (mode & OTHERS_WRITE) !== 0;
}

/** True for anything, a link to nothing included. */
export function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The mode of what is at `path`; null when it cannot be told. */
export function modeOf(path: string): number | null {
  try {
    return Deno.statSync(path).mode;
  } catch {
    return null;
  }
}

/** Takes `bits` away from others. Null when one of `paths` is not the user's own: then only its owner can. */
export function closing(paths: readonly string[], bits: "all" | "write" = "all"): Repair | null {
  if (Deno.build.os === "windows" || !paths.every(isOwn)) return null;
  const [mask, what] = bits === "all" ? [OTHERS, "read or write"] : [OTHERS_WRITE, "write"];
  const names = paths.join(" and ");
  return {
    does: `let no other user ${what} ${names}`,
    run() {
      for (const path of paths) Deno.chmodSync(path, (modeOf(path) ?? 0) & PERMISSIONS & ~mask);
      return `no other user can ${what} ${names} any more`;
    },
  };
}

function isOwn(path: string): boolean {
  try {
    return Deno.statSync(path).uid === Deno.uid();
  } catch {
    return false;
  }
}
