/** Finds programs the way the system would. @module */

import { type ReadEnv, readEnv } from "./environment.ts";

/** What finding a program depends on. */
export interface ExecutableOptions {
  readonly env?: ReadEnv;
  readonly windows?: boolean;
  /** True when a file at `path` may be executed. */
  readonly isExecutable?: (path: string) => boolean;
}

/** Returns the path of the program `name` (a path itself, or a name on PATH); undefined when there is none. */
export function findExecutable(name: string, options: ExecutableOptions = {}): string | undefined {
  const { env = readEnv, windows = Deno.build.os === "windows" } = options;
  const isExecutable = options.isExecutable ?? (windows ? isFile : isExecutableFile);
  const endings = windows ? windowsEndings(name, env("PATHEXT") ?? ".COM;.EXE;.BAT;.CMD") : [""];
  const isPath = name.includes("/") || (windows && name.includes("\\"));
  const directories = isPath ? [""] : (env("PATH") ?? env("Path") ?? "").split(windows ? ";" : ":");
  for (const directory of directories) {
    // POSIX: an empty entry of PATH is the working directory.
    const prefix = isPath
      ? ""
      : directory === ""
      ? "./"
      : directory.replace(/[\\/]$/, "") + (windows ? "\\" : "/");
    for (const ending of endings) {
      if (isExecutable(prefix + name + ending)) return prefix + name + ending;
    }
  }
  return undefined;
}

function windowsEndings(name: string, pathExt: string): string[] {
  const endings = pathExt.split(";").filter((ending) => ending !== "");
  const has = endings.some((ending) => name.toLowerCase().endsWith(ending.toLowerCase()));
  return has ? ["", ...endings] : endings;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function isExecutableFile(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}
