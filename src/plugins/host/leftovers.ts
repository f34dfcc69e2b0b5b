/** Plugins whose host was killed. @module */
import { join } from "node:path";
import { endLeftover } from "../../proc/leftover.ts";
import type { PluginPaths } from "../paths.ts";
import { readHostStatus } from "./status.ts";

/** A host that was killed could not end its plugins: those that hear nothing of their stdin's end are ended now. */
export function endLeftovers({ hostStatus, runtime }: PluginPaths): void {
  const last = readHostStatus(hostStatus);
  if (last === null || last.endedAt !== null) return;
  for (const { pid } of last.plugins) if (pid !== null) endLeftover(pid, join(runtime, "boot-"));
}
