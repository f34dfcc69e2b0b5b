/**
 * Where the plugin host of this home listens, believed only when nobody else can have said so: whoever could write `host.json` or put a socket in its
 * place would be handed all that passes.
 * @module
 */
import { dirname, isAbsolute } from "node:path";
import type { HostAddress } from "../core/plugin_link.ts";
import { readPrivateFile } from "../proc/private_file.ts";

const WINDOWS = Deno.build.os === "windows";
const OTHERS_WRITE = 0o022;
/** As hosts name theirs. A pipe's owner cannot be asked; its name is known to who may read `host.json` alone, and the host proves that it did. */
const PIPE = /^\\\\\.\\pipe\\km-plugins-[0-9a-f-]{36}$/;

/** Null: there is none, or none that is certainly the user's own. */
export function readHostAddress(path: string): Pick<HostAddress, "address" | "token"> | null {
  try {
    if (!isOwnFolder(dirname(path))) return null;
    const text = readPrivateFile(path);
    if (text === null) return null;
    const { address, token } = JSON.parse(text) as Partial<HostAddress>; // as: that is what is checked here
    if (typeof address !== "string" || typeof token !== "string" || token.length < 32) return null;
    return (WINDOWS ? PIPE.test(address) : isOwnSocket(address)) ? { address, token } : null;
  } catch {
    return null;
  }
}

/** True when nobody else can put anything into it, or when it is not there yet. */
export function isOwnFolder(path: string): boolean {
  if (WINDOWS) return true; // The user's profile keeps others out.
  try {
    const { isDirectory, uid, mode } = Deno.lstatSync(path);
    return isDirectory && uid === Deno.uid() && ((mode ?? 0) & OTHERS_WRITE) === 0;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

function isOwnSocket(path: string): boolean {
  if (!isAbsolute(path) || !isOwnFolder(dirname(path))) return false;
  const { isSocket, uid } = Deno.lstatSync(path);
  return isSocket === true && uid === Deno.uid();
}
