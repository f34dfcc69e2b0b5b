/** Says where the program is that a command line starts with. @module */

import { readEnv } from "../config/environment.ts";
import { findOnPath, windowsCommand } from "../proc/command.ts";

/** Returns the path of `name` (a path itself, or found on PATH); undefined when there is none. */
export function findProgram(name: string, path: string = readEnv("PATH") ?? ""): string | undefined {
  if (Deno.build.os !== "windows") return findOnPath(name, path) ?? undefined;
  const pathExt = readEnv("PATHEXT");
  return windowsCommand([name], { path, ...(pathExt && { pathExt }) }, isFile)?.file;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
