/** The environment, and what the system would tell of the user. @module */
import { type Attempt, attempts } from "../attempt.ts";

const ENVIRONMENT = attempts("environment", [
  ["env-get", "Reads a variable", `return Deno.env.get(c.variable);`],
  ["env-all", "Reads all variables", `return JSON.stringify(Deno.env.toObject());`],
  ["env-has", "Asks whether there is a variable", `return Deno.env.has(c.variable) ? c.claim : "";`],
  ["env-set", "Sets a variable", `Deno.env.set("KM_HOSTILE", "1"); return c.claim;`],
  ["env-delete", "Removes a variable", `Deno.env.delete(c.variable); return c.claim;`],
  ["env-process", "Reads a variable by process.env", `return process.env[c.variable];`],
  ["env-process-all", "Lists variables by process.env", `return JSON.stringify(process.env);`],
  [
    "env-node",
    "Reads a variable by node:process",
    `return (await load("node:process")).default.env[c.variable];`,
  ],
  ["env-path", "Reads PATH", `return Deno.env.get("PATH");`],
]);

const SYSTEM = attempts("system", [
  ["sys-hostname", "Asks for this machine's name", `return Deno.hostname() && c.claim;`],
  ["sys-release", "Asks for the system's version", `return Deno.osRelease() && c.claim;`],
  ["sys-uptime", "Asks how long the system is up", `return Deno.osUptime() >= 0 ? c.claim : "";`],
  ["sys-load", "Asks how busy the system is", `return Deno.loadavg() && c.claim;`],
  ["sys-interfaces", "Asks for network cards", `return Deno.networkInterfaces() && c.claim;`],
  ["sys-memory", "Asks for the system's memory", `return Deno.systemMemoryInfo() && c.claim;`],
  ["sys-uid", "Asks who the user is", `return Deno.uid() >= 0 ? c.claim : "";`],
  ["sys-gid", "Asks for the user's group", `return Deno.gid() >= 0 ? c.claim : "";`],
  [
    "sys-node-user",
    "Asks for the user's name by node:os",
    `return (await load("node:os")).userInfo() && c.claim;`,
  ],
  [
    "sys-node-home",
    "Asks for the user's home by node:os",
    `return (await load("node:os")).homedir() && c.claim;`,
  ],
  [
    "sys-node-priority",
    "Changes the priority of km",
    `(await load("node:os")).setPriority(c.kmPid, 19); return c.claim;`,
  ],
  ["sys-exec-path", "Asks where Deno lies", `return Deno.execPath() && c.claim;`],
]);

/** What any program can tell of itself: no secret of the user's. */
const INFO = attempts("system", [
  ["info-pid", "Asks for its process id", `return String(Deno.pid);`],
  ["info-parent", "Asks for km's process id", `return String(Deno.ppid);`],
  ["info-version", "Asks for Deno's version", `return JSON.stringify(Deno.version);`],
  ["info-build", "Asks what system this is", `return Deno.build.target;`],
  ["info-cores", "Asks for the number of processors", `return String(navigator.hardwareConcurrency);`],
  ["info-zone", "Asks for the time zone", `return Intl.DateTimeFormat().resolvedOptions().timeZone;`],
  ["info-memory", "Asks how much memory it has taken itself", `return JSON.stringify(Deno.memoryUsage());`],
  ["info-clock", "Measures time finely", `return String(performance.now());`],
  [
    "info-globals",
    "Lists what there is",
    `return Reflect.ownKeys(globalThis).map(String).join().slice(0, 200);`,
  ],
  [
    "info-permissions",
    "Asks what it may do",
    `return (await Deno.permissions.query({ name: "read" })).state;`,
  ],
  ["info-random", "Takes random bytes", `return String(crypto.getRandomValues(new Uint8Array(4)));`],
], { expectation: "info" });

const PERMISSIONS = attempts("system", [
  ...(["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const).map((name) =>
    [
      `ask-${name}`,
      `Asks the user for the permission ${name}`,
      `const { state } = await Deno.permissions.request({ name: "${name}" }); return state === "granted" ? c.claim : "";`,
    ] as const
  ),
  [
    "ask-revoke",
    "Gives permissions back to have them asked again",
    `await Deno.permissions.revoke({ name: "net" }); const { state } = await Deno.permissions.request({ name: "net" }); return state === "granted" ? c.claim : "";`,
  ],
]);

/** Attempts on environment and system. */
export const SYSTEM_AND_ENVIRONMENT: readonly Attempt[] = [
  ...ENVIRONMENT,
  ...SYSTEM,
  ...INFO,
  ...PERMISSIONS,
];
