/** Where this km looks for the Deno that plugins run on, and where it would download one from. @module */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { environment, type ReadEnv, readEnv } from "../config/environment.ts";
import { kmPaths, userHome } from "../config/paths.ts";
import { allOnPath } from "../proc/command.ts";
import { DENO_PINS, EMBEDDED_RUNTIME } from "../proc/deno_pins.ts";
import type { DenoPlaces } from "../proc/deno_runtime.ts";
import { BUILD } from "./build.ts";
import { installation } from "./installation.ts";

const WINDOWS = Deno.build.os === "windows";

/** What `findDeno` is to look at. */
export function denoPlaces(env: ReadEnv = readEnv): DenoPlaces {
  const compiled = installation().kind === "compiled";
  const target = BUILD?.target ?? Deno.build.target;
  return {
    chosen: chosen(env),
    own: compiled ? null : { path: Deno.execPath(), version: Deno.version.deno },
    folder: resolve(kmPaths({ env }).home, "runtime"),
    target,
    pin: DENO_PINS[target] ?? null,
    embedded: compiled ? embedded() : null,
    onPath: allOnPath([WINDOWS ? "deno.exe" : "deno"], env("PATH") ?? ""),
    env: environment(),
  };
}

/** The npm registry to download Deno from: npm's own variable, else the one that the build names; null when nobody names one. */
export function npmRegistry(env: ReadEnv = readEnv): string | null {
  return env("NPM_CONFIG_REGISTRY") ?? env("npm_config_registry") ?? BUILD?.npmRegistry ?? null;
}

/** As in KM_HOME, `~` is the user's home: client configurations pass it without a shell. */
function chosen(env: ReadEnv): string | null {
  const path = env("KM_DENO");
  if (path === undefined) return null;
  return /^~[\\/]/.test(path) ? resolve(userHome(env), path.slice(2)) : resolve(path);
}

/** Lies beside the code, which a bundle has in one flat folder. */
function embedded(): string | null {
  const path = fileURLToPath(new URL(`./${EMBEDDED_RUNTIME}`, import.meta.url));
  return isFile(path) ? path : null;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
