/** What a built km may do. It runs programs of the user's choice, so this is no sandbox: it says what km's own code needs, and no more. @module */

/** Each permission with its reason. */
export const PERMISSIONS = {
  "--allow-read": "the database wherever KM_HOME and --db say, certificates, what the user names",
  "--allow-write": "the database, exports and services' files, its own new version",
  "--allow-env": "settings; the server inherits the whole environment",
  "--allow-net": "km serve on an address of the user's choice, its daemon, updates",
  "--allow-run": "the server's command is the user's choice",
  "--allow-ffi": "the relay: poll, read, write and posix_spawn of libc",
  "--allow-sys": "host name, load and memory for the daemon and the doctor",
  "--allow-import":
    "nothing is imported (--no-remote): without all eight kinds Deno refuses /proc and /dev, which tell km what its descriptors and processes are",
} as const;

/** How Deno is to run the bundle: nothing is asked, nothing is fetched, no file of the user's changes what runs. */
export const RUN_FLAGS: readonly string[] = [
  "--quiet",
  "--no-prompt",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
  "--cached-only",
  "--unstable-no-legacy-abort",
  ...Object.keys(PERMISSIONS),
];
