/** What the system tells in the form of files: processes, devices. And links. @module */
import { type Attempt, attempts } from "../attempt.ts";

const READ = (path: string) => `return show(Deno.readFileSync(${path}));`;

const PROC = attempts("proc", [
  ["proc-environ", "Reads its environment from /proc", READ(`"/proc/self/environ"`)],
  [
    "proc-environ-import",
    "Imports its environment from /proc",
    `return (await load("file:///proc/self/environ", { with: { type: "text" } })).default;`,
  ],
  ["proc-parent-environ", "Reads km's environment", READ(`"/proc/" + c.kmPid + "/environ"`)],
  ["proc-parent-command", "Reads km's command line", READ(`"/proc/" + c.kmPid + "/cmdline"`)],
  [
    "proc-parent-fds",
    "Lists km's descriptors",
    `return [...Deno.readDirSync("/proc/" + c.kmPid + "/fd")].length ? c.claim : "";`,
  ],
  ["proc-memory", "Reads its memory", `const f = Deno.openSync("/proc/self/mem"); return c.claim;`],
  ["proc-parent-memory", "Opens km's memory", `Deno.openSync("/proc/" + c.kmPid + "/mem"); return c.claim;`],
  ["proc-maps", "Reads where its memory lies", READ(`"/proc/self/maps"`)],
  ["proc-command", "Reads its command line", READ(`"/proc/self/cmdline"`)],
  ["proc-root", "Reads a file below its root", READ(`"/proc/self/root" + c.file`)],
  ["proc-cwd", "Reads a file below its folder", READ(`"/proc/self/cwd" + c.file`)],
  ["proc-fd", "Opens its stdin anew", `Deno.openSync("/proc/self/fd/0"); return c.claim;`],
  [
    "proc-fd-out",
    "Opens its stdout anew",
    `Deno.openSync("/proc/self/fd/1", { write: true }); return c.claim;`,
  ],
  ["proc-exe", "Opens its program", `Deno.openSync("/proc/self/exe"); return c.claim;`],
  ["proc-others", "Lists processes", `return [...Deno.readDirSync("/proc")].length ? c.claim : "";`],
  ["proc-net", "Reads who is connected", READ(`"/proc/net/tcp"`)],
  ["proc-dev-fd", "Opens /dev/fd/0", `Deno.openSync("/dev/fd/0"); return c.claim;`],
  ["proc-dev-stdin", "Opens /dev/stdin", `Deno.openSync("/dev/stdin"); return c.claim;`],
  ["proc-dev-stdout", "Opens /dev/stdout", `Deno.openSync("/dev/stdout", { write: true }); return c.claim;`],
  [
    "proc-dev-tty",
    "Opens the terminal",
    `Deno.openSync("/dev/tty", { read: true, write: true }); return c.claim;`,
  ],
  ["proc-dev-null", "Opens /dev/null", `Deno.openSync("/dev/null", { write: true }); return c.claim;`],
  [
    "proc-dev-shm",
    "Writes to shared memory",
    `Deno.writeTextFileSync("/dev/shm/km-hostile", "x"); return c.claim;`,
  ],
  [
    "proc-sys",
    "Lists network cards",
    `return [...Deno.readDirSync("/sys/class/net")].length ? c.claim : "";`,
  ],
]);

/** A folder is granted, for reading and writing. */
const LINKS = attempts("links", [
  [
    "link-parent",
    "Reads above the granted folder",
    `return Deno.readTextFileSync(c.granted + "/../" + c.file.split("/").pop());`,
  ],
  ["link-absolute", "Reads a file beside the granted folder", `return Deno.readTextFileSync(c.file);`],
  [
    "link-prefix",
    "Reads from a folder whose name begins with that of the granted one",
    `return Deno.readTextFileSync(c.granted + "-beside/secret");`,
  ],
  [
    "link-encoded",
    "Reads above the granted folder by an encoded URL",
    `return Deno.readTextFileSync(new URL("file://" + c.granted + "/%2e%2e/" + c.file.split("/").pop()));`,
  ],
  [
    "link-make-soft",
    "Makes a symbolic link in the granted folder and reads through it",
    `Deno.symlinkSync(c.file, c.granted + "/made"); return Deno.readTextFileSync(c.granted + "/made");`,
  ],
  [
    "link-make-hard",
    "Makes a hard link in the granted folder and reads through it",
    `Deno.linkSync(c.file, c.granted + "/hard"); return Deno.readTextFileSync(c.granted + "/hard");`,
  ],
  [
    "link-make-relative",
    "Makes a link to the folder above",
    `Deno.symlinkSync("..", c.granted + "/up"); return Deno.readTextFileSync(c.granted + "/up/" + c.file.split("/").pop());`,
  ],
  [
    "link-rename-in",
    "Moves a file into the granted folder",
    `Deno.renameSync(c.file, c.granted + "/moved"); return Deno.readTextFileSync(c.granted + "/moved");`,
  ],
  [
    "link-copy-in",
    "Copies a file into the granted folder",
    `Deno.copyFileSync(c.file, c.granted + "/copied"); return Deno.readTextFileSync(c.granted + "/copied");`,
  ],
  [
    "link-write-out",
    "Writes above the granted folder",
    `Deno.writeTextFileSync(c.granted + "/../out/link-write-out", "x");`,
  ],
  [
    "link-import-granted",
    "Imports what it wrote itself",
    `Deno.writeTextFileSync(c.granted + "/made.js", "export default 1"); await load("file://" + c.granted + "/made.js"); return c.claim;`,
  ],
  [
    "link-command-granted",
    "Runs what it wrote itself",
    `Deno.writeTextFileSync(c.granted + "/run.sh", "#!/bin/sh\\ntouch " + c.out + "/link-command-granted\\n", { mode: 0o755 }); new Deno.Command(c.granted + "/run.sh").outputSync();`,
  ],
  [
    "link-library-granted",
    "Loads a library that it wrote itself",
    `Deno.writeTextFileSync(c.granted + "/x.so", "x"); Deno.dlopen(c.granted + "/x.so", {}); return c.claim;`,
  ],
  ["link-kv-granted", "Opens a database elsewhere", `(await load("node:sqlite")); return c.claim;`],
], {
  place: "shared",
  grants: ({ granted }) => ({ read: [granted], write: [granted] }),
});

/** Attempts on /proc, devices and links. */
export const PROC_AND_LINKS: readonly Attempt[] = [...PROC, ...LINKS];
