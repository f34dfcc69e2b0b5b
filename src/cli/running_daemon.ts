/** The daemon of this home, for commands that ask it or end it. @module */
import { kmPaths } from "../config/paths.ts";
import { KmError } from "../core/error.ts";
import { type DaemonRecord, findDaemon } from "../daemon/daemon_file.ts";

/** @throws {KmError} not_found when none runs */
export function requireDaemon(): DaemonRecord {
  const { daemon, home } = kmPaths();
  const record = findDaemon(daemon);
  if (record) return record;
  throw new KmError("not_found", `km serve does not run for "${home}"`, {
    hint: 'start it with "km serve" or "km serve --detach"',
  });
}
