/** Running something else: programs, libraries, workers; signals. @module */
import { type Attempt, attempts } from "../attempt.ts";

const TOUCH = (id: string) => `"touch " + c.out + "/${id}"`;

const PROGRAMS = attempts("programs", [
  [
    "run-output",
    "Runs a program",
    `await new Deno.Command("/bin/sh", { args: ["-c", ${TOUCH("run-output")}] }).output();`,
  ],
  [
    "run-sync",
    "Runs a program at once",
    `new Deno.Command("sh", { args: ["-c", ${TOUCH("run-sync")}] }).outputSync();`,
  ],
  [
    "run-spawn",
    "Starts a program",
    `new Deno.Command("/bin/sh", { args: ["-c", ${TOUCH("run-spawn")}] }).spawn();`,
  ],
  [
    "run-deno",
    "Runs Deno with all permissions",
    `new Deno.Command(Deno.execPath(), { args: ["eval", "Deno.writeTextFileSync(" + JSON.stringify(c.out + "/run-deno") + ",'')"] }).outputSync();`,
  ],
  ["run-old", "Runs a program by Deno.run", `Deno.run({ cmd: ["sh", "-c", ${TOUCH("run-old")}] });`],
  [
    "run-spawn-function",
    "Runs a program by Deno.spawn",
    `Deno.spawn("sh", ["-c", ${TOUCH("run-spawn-function")}]);`,
  ],
  [
    "run-node-exec",
    "Runs a program by node:child_process",
    `(await load("node:child_process")).execSync(${TOUCH("run-node-exec")});`,
  ],
  [
    "run-node-spawn",
    "Starts a program by node:child_process",
    `(await load("node:child_process")).spawnSync("touch", [c.out + "/run-node-spawn"]);`,
  ],
  ["run-node-fork", "Forks", `(await load("node:child_process")).fork(c.scriptUrl); return c.claim;`],
  [
    "run-node-cluster",
    "Forks by node:cluster",
    `(await load("node:cluster")).default.fork(); return c.claim;`,
  ],
  [
    "run-execve",
    "Becomes another program",
    `process.execve("/bin/sh", ["sh", "-c", ${TOUCH("run-execve")}]);`,
  ],
  [
    "run-builtin",
    "Runs a program by getBuiltinModule",
    `process.getBuiltinModule("child_process").execSync(${TOUCH("run-builtin")});`,
  ],
  [
    "run-binding",
    "Starts a program by a binding of Node",
    `new (process.binding("spawn_sync").spawn)({ file: "/bin/sh", args: ["sh", "-c", ${
      TOUCH("run-binding")
    }] });`,
  ],
  ["run-open", "Opens a page in the browser", `open("https://example.com"); return c.claim;`],
  [
    "run-bundle",
    "Bundles a file of the user's",
    `return JSON.stringify(await Deno.bundle({ entrypoints: [c.file], write: false }));`,
  ],
]);

const FOREIGN = attempts("foreign code", [
  [
    "ffi-libc",
    "Loads libc",
    `Deno.dlopen("libc.so.6", { getpid: { parameters: [], result: "i32" } }); return c.claim;`,
  ],
  ["ffi-self", "Loads itself", `Deno.dlopen("", {}); return c.claim;`],
  ["ffi-pointer", "Makes a pointer", `Deno.UnsafePointer.create(1n); return c.claim;`],
  [
    "ffi-pointer-of",
    "Asks where memory lies",
    `return Deno.UnsafePointer.of(new Uint8Array(1)) ? c.claim : "";`,
  ],
  [
    "ffi-view",
    "Reads at a pointer",
    `new Deno.UnsafePointerView(Deno.UnsafePointer.create(4096n)).getUint8(); return c.claim;`,
  ],
  [
    "ffi-callback",
    "Makes a function for C",
    `new Deno.UnsafeCallback({ parameters: [], result: "void" }, () => {}); return c.claim;`,
  ],
  [
    "ffi-process",
    "Loads a library by process.dlopen",
    `process.dlopen({ exports: {} }, c.out + "/x.node"); return c.claim;`,
  ],
  [
    "ffi-require",
    "Loads a library by require",
    `(await load("node:module")).createRequire(c.url)(c.folder + "/x.node"); return c.claim;`,
  ],
  [
    "ffi-napi-op",
    "Loads a library by an operation of Deno",
    `Deno[Deno.internal].core.ops.op_napi_open(c.out + "/x.node"); return c.claim;`,
  ],
  ["ffi-gpu", "Takes the graphics card", `return (await navigator.gpu.requestAdapter()) ? c.claim : "";`],
  ["ffi-window", "Opens a window", `new Deno.UnsafeWindowSurface({}); return c.claim;`],
]);

const WORKER = (code: string) => `"data:text/javascript," + encodeURIComponent(${code})`;

const WORKERS = attempts("workers", [
  [
    "worker-data",
    "Starts a worker",
    `new Worker(${WORKER(`"postMessage(1)"`)}, { type: "module" }); return c.claim;`,
  ],
  [
    "worker-static",
    "Starts a worker that imports a file",
    `return await new Promise((yes, no) => { const w = new Worker(${
      WORKER(`'import t from "' + c.url + '" with { type: "text" }; postMessage(t)'`)
    }, { type: "module" }); w.onmessage = (e) => yes(e.data); w.onerror = no; });`,
  ],
  [
    "worker-file",
    "Starts a worker from a file",
    `return await new Promise((yes, no) => { const w = new Worker(c.scriptUrl, { type: "module" }); w.onmessage = (e) => yes(e.data); w.onerror = no; });`,
  ],
  [
    "worker-blob",
    "Starts a worker from a blob",
    `new Worker(URL.createObjectURL(new Blob(["postMessage(1)"])), { type: "module" }); return c.claim;`,
  ],
  [
    "worker-permissions",
    "Starts a worker that may do everything",
    `new Worker(${
      WORKER(`"1"`)
    }, { type: "module", deno: { permissions: { read: true, net: true, run: true } } }); return c.claim;`,
  ],
  [
    "worker-node",
    "Starts a worker by node:worker_threads",
    `new (await load("node:worker_threads")).Worker("1", { eval: true }); return c.claim;`,
  ],
  ["worker-shared", "Starts a shared worker", `new SharedWorker("data:text/javascript,1"); return c.claim;`],
  [
    "worker-service",
    "Registers a service worker",
    `await navigator.serviceWorker.register("/x.js"); return c.claim;`,
  ],
  [
    "worker-broadcast",
    "Speaks to other workers",
    `new BroadcastChannel("km").postMessage(1); return c.claim;`,
  ],
]);

/** `alone`, because some of them may well end the process. */
const SIGNALS = attempts("signals", [
  ["signal-victim", "Ends another process", `Deno.kill(c.victimPid, "SIGKILL");`],
  ["signal-victim-node", "Ends another process by process.kill", `process.kill(c.victimPid, "SIGTERM");`],
  ["signal-parent", "Asks whether it may signal km", `Deno.kill(c.kmPid, 0); return c.claim;`],
  ["signal-parent-continue", "Signals km", `Deno.kill(c.kmPid, "SIGCONT"); return c.claim;`],
  [
    "signal-listen",
    "Makes itself deaf to SIGTERM",
    `Deno.addSignalListener("SIGTERM", () => {}); return c.claim;`,
  ],
  ["signal-abort", "Ends another process by process.abort", `process.abort();`],
]);

/** Attempts to run something else. */
export const RUNNING: readonly Attempt[] = [...PROGRAMS, ...FOREIGN, ...WORKERS, ...SIGNALS];
