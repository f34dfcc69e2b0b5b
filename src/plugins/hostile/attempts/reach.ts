/** Reaching around what is closed: through constructors, prototypes, Deno's insides, the bootstrap's own frames. And keeping things. @module */
import { type Attempt, attempts } from "../attempt.ts";

/** What is left to try when a thing of Deno's was got hold of. */
const USE_CORE =
  `const core = got; const f = core.ops ?? core; if (f.op_fs_read_file_text_sync) return f.op_fs_read_file_text_sync(c.file, 0); core.print(c.claim); return c.claim;`;

const REACH = attempts("reach", [
  [
    "reach-internal",
    "Takes Deno's insides by their symbol",
    `const got = Deno[Deno.internal].core; ${USE_CORE}`,
  ],
  [
    "reach-symbols",
    "Looks for symbols of Deno",
    `for (const s of Object.getOwnPropertySymbols(Deno)) { const got = Deno[s]?.core; if (got) { ${USE_CORE} } }`,
  ],
  [
    "reach-global-symbols",
    "Looks for symbols of the world",
    `for (const s of Object.getOwnPropertySymbols(globalThis)) { const got = globalThis[s]?.core; if (got) { ${USE_CORE} } }`,
  ],
  ["reach-core", "Takes Deno.core", `const got = Deno.core; ${USE_CORE}`],
  ["reach-bootstrap", "Takes what Deno starts with", `return globalThis.__bootstrap.core && c.claim;`],
  ["reach-process", "Takes process", `return process.pid ? c.claim : "";`],
  ["reach-process-binding", "Takes a binding of process", `return process.binding("fs") && c.claim;`],
  ["reach-buffer", "Takes Buffer", `return Buffer.from("x") && c.claim;`],
  ["reach-global", "Takes global", `return global.process ? c.claim : "";`],
  ["reach-eval", "Runs a string", `return (0, eval)("1 + 1") === 2 ? c.claim : "";`],
  ["reach-function", "Makes a function of a string", `return new Function("return 1")() && c.claim;`],
  [
    "reach-function-constructor",
    "Makes a function of a string by a constructor",
    `return (() => {}).constructor("return 1")() && c.claim;`,
  ],
  [
    "reach-async-constructor",
    "Makes an async function of a string",
    `return await (async () => {}).constructor("return 1")() && c.claim;`,
  ],
  [
    "reach-generator-constructor",
    "Makes a generator of a string",
    `return (function* () {}).constructor("yield 1")().next().value ? c.claim : "";`,
  ],
  [
    "reach-reflect",
    "Makes a function of a string by Reflect",
    `return Reflect.construct((() => {}).constructor, ["return 1"])() && c.claim;`,
  ],
  [
    "reach-timer-string",
    "Runs a string by a timer",
    `globalThis.ran = 0; setTimeout("globalThis.ran = 1", 0); await new Promise((yes) => setTimeout(yes, 20)); return globalThis.ran ? c.claim : "";`,
  ],
  [
    "reach-wasm-function",
    "Reaches a constructor through WebAssembly",
    `return WebAssembly.Module.constructor("return 1")() && c.claim;`,
  ],
  ["reach-require", "Takes require", `return require("fs").readFileSync(c.file, "utf8");`],
  ["reach-module", "Takes module", `return module.constructor._load("fs").readFileSync(c.file, "utf8");`],
  [
    "reach-module-hooks",
    "Registers module hooks of its own",
    `const m = await load("node:module"); m.registerHooks({}); return c.claim;`,
  ],
  [
    "reach-vm",
    "Runs code in another context",
    `return (await load("node:vm")).runInNewContext("this.constructor.constructor('return process')()") && c.claim;`,
  ],
  [
    "reach-v8",
    "Sets flags of V8",
    `(await load("node:v8")).setFlagsFromString("--allow-natives-syntax"); return c.claim;`,
  ],
  ["reach-inspector", "Opens the inspector", `(await load("node:inspector")).open(0); return c.claim;`],
  [
    "reach-heap-snapshot",
    "Writes its heap to a file",
    `(await load("node:v8")).writeHeapSnapshot(c.out + "/heap"); return c.claim;`,
  ],
  [
    "reach-caller",
    "Takes the function that called it",
    `return (function f() { return f.caller; })() ? c.claim : "";`,
  ],
  [
    "reach-arguments",
    "Takes the arguments' callee",
    `return (function () { return arguments.callee.caller; })() ? c.claim : "";`,
  ],
  ["reach-shadow-realm", "Makes another realm", `return new ShadowRealm().evaluate("1") ? c.claim : "";`],
  ["reach-stdout", "Writes to stdout", `await Deno.stdout.write(new TextEncoder().encode(c.claim));`],
  [
    "reach-stdout-sync",
    "Writes to stdout at once",
    `Deno.stdout.writeSync(new TextEncoder().encode(c.claim));`,
  ],
  [
    "reach-stdout-stream",
    "Takes stdout as a stream",
    `await Deno.stdout.writable.getWriter().write(new TextEncoder().encode(c.claim));`,
  ],
  [
    "reach-stderr",
    "Writes to stderr",
    `Deno.stderr.writeSync(new TextEncoder().encode(c.claim)); return c.claim;`,
  ],
  [
    "reach-constructor-out",
    "Looks for a writer through constructors",
    `const W = Object.getPrototypeOf(Deno.stdout).constructor; new W(1).writeSync(new TextEncoder().encode(c.claim));`,
  ],
  ["reach-alert", "Shows a message, which is written to stdout", `alert(c.claim);`],
  ["reach-confirm", "Asks a question, which reads from stdin", `confirm(c.claim); return c.claim;`],
  ["reach-prompt", "Asks for a word, which reads from stdin", `return prompt(c.claim) ?? c.claim;`],
  [
    "reach-print",
    "Prints by the real console",
    `console.constructor.prototype.log?.call(console, c.claim); new console.Console().log(c.claim); return c.claim;`,
  ],
  [
    "reach-exit-code",
    "Changes the exit code",
    `Deno.exitCode = 42; return Deno.exitCode === 42 && "exitCode" in Deno && Object.getOwnPropertyDescriptor(Deno, "exitCode")?.set ? c.claim : "";`,
  ],
  [
    "reach-replace-deno",
    "Puts another Deno in place",
    `globalThis.Deno = { claim: c.claim }; return Deno.claim;`,
  ],
  ["reach-lint", "Registers tests", `Deno.test("x", () => {}); return c.claim;`],
  ["reach-cron", "Plans something for later", `await Deno.cron("x", "* * * * *", () => {}); return c.claim;`],
  ["reach-close", "Closes the window", `close(); return c.claim;`],
  ["reach-lock", "Takes a lock for others", `return await navigator.locks.request("km", () => c.claim);`],
  ["reach-gc", "Has the heap cleaned", `gc(); return c.claim;`],
  [
    "reach-inspect",
    "Has km's insides called by a custom inspect",
    `let seen = 0; console.log({ [Symbol.for("Deno.customInspect")](i, o) { seen = i?.constructor?.("return 1")?.() ?? 0; return "x"; } }); return seen ? c.claim : "";`,
  ],
  [
    "reach-stack",
    "Takes what stands on the stack",
    `let got; Error.prepareStackTrace = (_, sites) => { got = sites.map((s) => s.getThis?.() ?? s.getFunction?.()); return ""; }; void new Error("x").stack; delete Error.prepareStackTrace; for (const g of got ?? []) if (g?.writeSync || g?.core || g?.stdin) return c.claim;`,
  ],
]);

/** Worlds of their own: they spoil what others would need. */
const FRAMES = attempts("frames", [
  [
    "frame-then",
    "Is asked by every promise",
    `Object.prototype.then = function (yes) { if (this?.stdin || this?.writeSync || this?.core) console.log(c.claim); yes?.(); }; await 0;`,
  ],
  [
    "frame-setter",
    "Catches what is put on objects",
    `Object.defineProperty(Object.prototype, "payload", { set(v) { console.log(c.claim); }, get() { return undefined; } });`,
  ],
  [
    "frame-push",
    "Catches what is put into arrays",
    `const push = Array.prototype.push; Array.prototype.push = function (...a) { if (a[0] instanceof Uint8Array) console.log(c.claim); return push.apply(this, a); }; console.log("x"); await 0; return "";`,
  ],
  [
    "frame-set",
    "Catches bytes that are copied",
    `const set = Uint8Array.prototype.set; Object.getPrototypeOf(Uint8Array.prototype).set = function (a, b) { if (a.length > 3) a[0] = 42; return set.call(this, a, b); }; console.log("x"); await 0; return "";`,
  ],
  [
    "frame-encode",
    "Catches texts that are encoded",
    `const encode = TextEncoder.prototype.encode; TextEncoder.prototype.encode = function (t) { return encode.call(this, c.claim + t); }; console.log("x"); await 0; return "";`,
  ],
  [
    "frame-encode-into",
    "Catches texts that are encoded into memory",
    `TextEncoder.prototype.encodeInto = function (t, u) { u.fill(0x2a); return { read: t.length, written: t.length }; }; console.log("x"); await 0; return "";`,
  ],
  [
    "frame-dataview",
    "Changes numbers on their way",
    `DataView.prototype.setUint32 = function () {}; DataView.prototype.setInt32 = function () {}; console.log("x"); await 0; return "";`,
  ],
  [
    "frame-species",
    "Changes what copies are made of",
    `Object.defineProperty(Uint8Array, Symbol.species, { get() { return class extends Uint8Array { constructor(n) { super(4); } }; } }); console.log("x"); await 0; return "";`,
  ],
  [
    "frame-iterator",
    "Changes how lists are walked",
    `Array.prototype[Symbol.iterator] = function* () { yield c.claim; }; console.log("x"); await 0; return "";`,
  ],
  [
    "frame-map",
    "Changes how maps are asked",
    `Map.prototype.get = function () { return c.claim; }; console.log("x"); await 0; return "";`,
  ],
  [
    "frame-json",
    "Changes how JSON is written",
    `JSON.stringify = () => c.claim; console.log({ a: 1 }); await 0; return "";`,
  ],
  [
    "frame-microtask",
    "Runs between two parts of a frame",
    `const q = queueMicrotask; globalThis.queueMicrotask = (f) => q(() => { f(); f(); }); console.log("x"); await 0; return "";`,
  ],
  [
    "frame-proto",
    "Changes an object's kind",
    `Object.setPrototypeOf(Uint8Array.prototype, { get length() { return 1e9; } }); console.log("x"); await 0; return "";`,
  ],
  [
    "frame-from",
    "Changes how bytes are made",
    `Uint8Array.from = Uint8Array.of = () => c.claim; console.log("x"); await 0; return "";`,
  ],
  [
    "frame-reflect",
    "Changes how functions are called",
    `Function.prototype.call = function () { return c.claim; }; Function.prototype.apply = function () { return c.claim; }; await 0; return "";`,
  ],
  [
    "frame-bind",
    "Catches functions that are bound",
    `Function.prototype.bind = function () { console.log(c.claim); return this; }; console.log("x"); return "";`,
  ],
  [
    "frame-string",
    "Changes how texts are cut",
    `String.prototype.slice = String.prototype.split = String.prototype.charCodeAt = () => c.claim; console.log("x"); await 0; return "";`,
  ],
  [
    "frame-bigint",
    "Changes how large numbers are read",
    `BigInt.asUintN = () => -1n; DataView.prototype.setBigUint64 = () => {}; console.log("x"); await 0; return "";`,
  ],
  [
    "frame-array-buffer",
    "Takes the memory of a frame away",
    `const b = new TextEncoder().encode("x").buffer; structuredClone(b, { transfer: [b] }); console.log("x"); return "";`,
  ],
  [
    "frame-has-instance",
    "Lies about what things are",
    `Object.defineProperty(Uint8Array, Symbol.hasInstance, { value: () => true }); console.log("x"); return "";`,
  ],
  [
    "frame-log-getter",
    "Hands over a log line that changes while it is read",
    `let n = 0; console.log({ get a() { return n++; }, toString() { throw c.claim; } }); return "";`,
  ],
  ["frame-log-huge", "Logs more than a frame may hold", `console.log("x".repeat(8 << 20)); return "";`],
  ["frame-log-surrogates", "Logs halves of characters", `console.log("\\ud800".repeat(1000)); return "";`],
  [
    "frame-error",
    "Throws a thing that speaks while it is read",
    `setTimeout(() => { throw { get message() { console.log("x"); return {}; }, get stack() { throw 1; }, toString() { throw 2; } }; }); await new Promise((yes) => setTimeout(yes, 30)); return "";`,
  ],
  [
    "frame-reject",
    "Rejects a promise that nobody waits for",
    `Promise.reject(new Proxy({}, { get() { throw 1; } })); await new Promise((yes) => setTimeout(yes, 30)); return "";`,
  ],
], { place: "alone" });

const STORAGE = attempts(
  "storage",
  [
    [
      "store-local",
      "Keeps something in localStorage",
      `localStorage.setItem("km", c.token); return localStorage.getItem("km") && c.claim;`,
    ],
    [
      "store-session",
      "Keeps something in sessionStorage",
      `sessionStorage.setItem("km", c.token); return c.claim;`,
    ],
    [
      "store-cache",
      "Keeps something in a cache",
      `const k = await caches.open("km"); await k.put("http://km/", new Response(c.token)); return c.claim;`,
    ],
    [
      "store-cache-read",
      "Reads a cache",
      `return await (await caches.match("http://km/")).text() && c.claim;`,
    ],
    ["store-kv", "Opens a database of Deno's", `await Deno.openKv(); return c.claim;`],
    ["store-kv-file", "Opens a database in a file", `await Deno.openKv(c.out + "/store-kv-file");`],
    [
      "store-sqlite",
      "Opens a database by node:sqlite",
      `new (await load("node:sqlite")).DatabaseSync(c.out + "/store-sqlite");`,
    ],
    [
      "store-sqlite-memory",
      "Opens a database in memory, and attaches a file to it",
      `const d = new (await load("node:sqlite")).DatabaseSync(":memory:"); d.exec("ATTACH '" + c.out + "/attached' AS a"); return c.claim;`,
    ],
    ["store-indexed", "Opens IndexedDB", `return indexedDB.open("km") && c.claim;`],
    [
      "store-origin",
      "Opens the browser's file system",
      `return (await navigator.storage.getDirectory()) && c.claim;`,
    ],
    [
      "store-object-url",
      "Makes an address for a blob",
      `URL.createObjectURL(new Blob([c.token])); return "an address within this process";`,
    ],
  ].map(([id = "", what = "", code = ""]) => [id, what, code] as const),
  {},
).map((attempt): Attempt =>
  attempt.id === "store-object-url" ? { ...attempt, expectation: "info" } : attempt
);

/** Attempts to reach around. */
export const REACHING: readonly Attempt[] = [...REACH, ...FRAMES, ...STORAGE];
