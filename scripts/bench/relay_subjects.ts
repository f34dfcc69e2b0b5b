/** What stands between client and server in the relay bench: nothing, km in its ways, and what km is compared with. @module */
import { join } from "node:path";
import type { Programs } from "./relay_driver.ts";

export interface Subject {
  readonly name: string;
  /** The command that the client starts, for a server command. `home` is an empty folder of this run. */
  command(server: readonly string[], home: string): readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const MAIN = join(import.meta.dirname as string, "../../main.ts");

/** The command line of km itself. */
export function kmCommand(...args: readonly string[]): readonly string[] {
  return [Deno.execPath(), "run", "-A", MAIN, ...args];
}

export const DIRECT: Subject = { name: "direct", command: (server) => server };

/** km as a user has it: recording on. The subject of every bar. */
export const KM: Subject = {
  name: "km",
  command: (server) => [...kmCommand("monitor", "--"), ...server],
};

export const KM_PORTABLE: Subject = { ...KM, name: "km, KM_RELAY=portable", env: { KM_RELAY: "portable" } };

export const KM_NO_RECORD: Subject = {
  name: "km --no-record",
  command: (server) => [...kmCommand("monitor", "--no-record", "--"), ...server],
};

/** What people write by hand to see the traffic: a copy of each direction in a file. */
export const TEE: Subject = {
  name: "tee",
  command: (
    server,
    home,
  ) => ["sh", "-c", 'log=$1; shift; tee "$log/up" | "$@" | tee "$log/down"', "tee", home, ...server],
};

/** The baseline of the bars: relay.c. */
export function cRelay(programs: Programs): Subject {
  return { name: "C relay", command: (server) => [programs.relay, ...server] };
}
