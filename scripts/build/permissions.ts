/**
 * What a built km may do, each permission with its reason. A test takes each away and shows what no longer works.
 *
 * km runs programs of the user's choice with the user's rights, so this is no sandbox and cannot be one. No value narrows a permission:
 * Deno 2.9.6 opens /proc and /dev/fd only to a program whose permissions are all whole, and there km sees which descriptors are copies of
 * stdout, which processes still run and which connections idle. (Import, the kind that is not named, is whole by `--cached-only`: then
 * nothing can be fetched.) What code runs is settled by the flags beside them: nothing is fetched, no configuration of the folder that km
 * is started in is read, and nobody is asked.
 * @module
 */

/** Each permission with its reason. */
export const PERMISSIONS = {
  "--allow-read":
    "its own files, the database wherever KM_HOME and --db say, certificates, what the user names",
  "--allow-write": "the database, exports, the definitions of services, its own new version",
  "--allow-env": "settings; the server inherits the whole environment",
  "--allow-net": "km serve on an address of the user's choice, questions to it, downloads of km update",
  "--allow-run": "the server's command is the user's choice; the user's browser and service manager",
  "--allow-ffi":
    "the relay, which calls poll, read, write and posix_spawn of libc; without it a slower one works",
  "--allow-sys":
    "the host's name, which tells whose process a run is; the user's id, for systemd and launchd",
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
