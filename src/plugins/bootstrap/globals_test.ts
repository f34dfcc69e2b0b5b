import assert from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { BootDriver, pluginCode, wireMessage } from "../../../tests/fakes/boot_driver.ts";
import { verifies } from "../../../tests/verifies.ts";
import { GLOBALS } from "./globals.ts";
import { NO_PERMISSIONS } from "../sandbox/permissions_in_force.ts";

/** What could be used to get out, or to be heard by somebody else than km. */
const GONE = [
  ...[
    "Worker",
    "SharedArrayBuffer",
    "Atomics",
    "caches",
    "CacheStorage",
    "Cache",
    "localStorage",
    "sessionStorage",
  ],
  ...["Storage", "BroadcastChannel", "MessageChannel", "MessagePort", "process", "Buffer", "global"],
  ...["setImmediate", "clearImmediate", "WebSocketStream", "EventSource", "WebTransport", "navigator"],
  ...["Navigator", "GPU", "GPUAdapter", "OffscreenCanvas", "createImageBitmap", "prompt", "alert", "confirm"],
  ...["close", "onunload", "onerror", "onunhandledrejection", "PerformanceObserver", "location", "Location"],
  ...["Window", "LockManager", "eval"],
];
const DENO_GONE = [
  ...["internal", "stdin", "stdout", "stderr", "exit", "exitCode", "kill", "run", "Process", "Command"],
  ...["spawn", "dlopen", "UnsafePointer", "addSignalListener", "permissions", "args", "mainModule", "pid"],
  ...["ppid", "open", "openSync", "FsFile", "connect", "listen", "serve", "core", "env.set", "env.toObject"],
  ...[
    "readFileSync",
    "symlink",
    "link",
    "chdir",
    "cwd",
    "execPath",
    "hostname",
    "createHttpClient",
    "telemetry",
  ],
];

/** Runs `body` in a plugin's onMessage; what it returns. */
async function inPlugin(body: string, before = ""): Promise<unknown> {
  using folder = new TempFolder();
  const code = pluginCode(
    `async onMessage(message, c) { c.log.info(JSON.stringify(await (async () => {${body}})() ?? null)); }`,
    before,
  );
  await using driver = await BootDriver.ready(code, { runtime: folder.path });
  const handled = await driver.handle(wireMessage(1));
  assert.equal(handled.firstError, "");
  return JSON.parse(driver.logs.at(-1) ?? "");
}

Deno.test("dangerous globals are gone before a plugin's first line runs", async () => {
  verifies("plugin-globals-deleted");
  const found = await inPlugin(
    "return found;",
    `const at = (o, path) => path.split(".").reduce((value, key) => value?.[key], o);
    const found = [
      ...${JSON.stringify(GONE)}.filter((name) => name in globalThis && globalThis[name] !== undefined),
      ...${
      JSON.stringify(DENO_GONE)
    }.filter((path) => at(Deno, path) !== undefined).map((path) => "Deno." + path),
      ...Object.getOwnPropertySymbols(Deno).map(String),
    ];`,
  );
  assert.deepEqual(found, []);
});

Deno.test("what is left is a list that somebody has looked at: another Deno brings nothing new", async () => {
  verifies("plugin-globals-deleted");
  const [names, members] = await inPlugin(
    "return [Object.getOwnPropertyNames(globalThis), Object.keys(Deno)];",
  ) as [
    string[],
    string[],
  ];
  assert.deepEqual(names.filter((name) => !GLOBALS.has(name) && name !== "Deno"), []);
  assert.deepEqual(members, [
    ...["env", "readFile", "readTextFile", "readDir", "stat", "lstat", "writeFile", "writeTextFile"],
    ...["mkdir", "remove", "rename", "errors", "inspect"],
  ]);
});

Deno.test("neither Deno nor the console can be put back or replaced", async () => {
  verifies("plugin-globals-deleted");
  const tried = await inPlugin(`
    const tries = {
      assign: () => { globalThis.Deno = {}; },
      define: () => { Object.defineProperty(globalThis, "Deno", { value: {} }); },
      remove: () => { delete globalThis.console; },
      extend: () => { Deno.exit = () => {}; },
      array: () => { Array.prototype.push = () => {}; },
      promise: () => { Promise.prototype.then = () => {}; },
      bytes: () => { Uint8Array.prototype.set = () => {}; },
      typed: () => { Object.getPrototypeOf(Uint8Array.prototype).subarray = () => {}; },
      decoder: () => { TextDecoder.prototype.decode = () => {}; },
      map: () => { Map.prototype.get = () => {}; },
      json: () => { JSON.parse = () => {}; },
      everything: () => { Object.prototype.polluted = 1; },
    };
    return Object.entries(tries).flatMap(([name, run]) => { try { run(); return [name]; } catch { return []; } });`);
  assert.deepEqual(tried, []);
});

Deno.test("a plugin that takes prototypes apart is served as before", async () => {
  using folder = new TempFolder();
  const code = pluginCode(
    "onMessage(message, c) { c.log.info(message.json().word); }",
    `const evil = () => { throw new Error("evil"); };
    for (const { prototype } of [Object, Function, Error, Array, Map, Promise, String, Uint8Array, DataView, BigInt, RegExp]) {
      for (const name of Object.getOwnPropertyNames(prototype)) {
        if (name === "constructor") continue;
        try { prototype[name] = evil; } catch {}
        try { Object.defineProperty(prototype, name, { value: evil }); } catch {}
      }
    }
    for (const name of ["queueMicrotask", "TextDecoder", "TextEncoder", "Promise", "Uint8Array", "JSON", "Math", "Error"]) {
      try { globalThis[name] = evil; } catch {}
    }`,
  );
  await using driver = await BootDriver.ready(code, { runtime: folder.path });
  const { failed } = await driver.handle(wireMessage({ word: "served" }));
  assert.deepEqual([failed, driver.logs], [0, ["served"]]);
  assert.deepEqual(await driver.ask({ kind: "shutdown", reason: "" }), { kind: "shutdownAck" });
});

Deno.test("what is left works, also what Deno loads only when it is first used", async () => {
  const worked = await inPlugin(`
    const text = (stream) => new Response(stream).text();
    return {
      zip: await text(new Blob(["abc"]).stream().pipeThrough(new CompressionStream("gzip")).pipeThrough(new DecompressionStream("gzip"))),
      hash: new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("abc"))).toHex().slice(0, 8),
      url: new URLPattern({ pathname: "/:a" }).exec("https://x.y/b").pathname.groups.a,
      form: [...new FormData().entries()].length,
      headers: new Headers({ a: "b" }).get("a"),
      clone: structuredClone(new Map([[1, { a: 1 }]])).get(1).a,
      base: atob(btoa("x")),
      timer: await new Promise((resolve) => setTimeout(resolve, 0, "fired")),
      event: await new Promise((resolve) => {
        const target = new EventTarget();
        target.addEventListener("e", (event) => resolve(event.detail));
        target.dispatchEvent(new CustomEvent("e", { detail: 7 }));
      }),
      wasm: new WebAssembly.Memory({ initial: 1 }).buffer.byteLength,
      date: new Date(0).toISOString(),
      intl: new Intl.NumberFormat("en").format(1234.5),
      lines: await text(ReadableStream.from(["a", "b"]).pipeThrough(new TextEncoderStream())),
      classes: (() => { class A { toString() { return "own"; } } return String(new A()); })(),
      subclass: (() => { class MyError extends Error { name = "MyError"; } return String(new MyError("m")); })(),
    };`);
  assert.deepEqual(worked, {
    zip: "abc",
    hash: "ba7816bf",
    url: "b",
    form: 0,
    headers: "b",
    clone: 1,
    base: "x",
    timer: "fired",
    event: 7,
    wasm: 65_536,
    date: "1970-01-01T00:00:00.000Z",
    intl: "1,234.5",
    lines: "ab",
    classes: "own",
    subclass: "MyError: m",
  });
});

Deno.test("the console is the log, whatever it is called with", async () => {
  using folder = new TempFolder();
  const code = pluginCode(`onMessage() {
    console.log("a", 1, { b: [2] }, null);
    console.debug("d"); console.warn("w"); console.error(new Error("e").message);
    console.group("g"); console.info("inside"); console.groupEnd();
    console.count(); console.count(); console.assert(1 === 2, "sums"); console.assert(true); console.table([1]);
    console.clear(); console.timeStamp();
  }`);
  await using driver = await BootDriver.ready(code, { runtime: folder.path });
  await driver.handle(wireMessage(1));
  assert.deepEqual(
    driver.unasked.map((said) => said.kind === "log" ? [said.level, said.text, said.console] : said),
    [
      ["info", "a 1 { b: [ 2 ] } null", null],
      ["debug", "d", null],
      ["warning", "w", null],
      ["error", "e", null],
      ["info", "g", null],
      ["info", "  inside", null],
      ["info", "default: 1", null],
      ["info", "default: 2", null],
      ["error", "Assertion failed sums", null],
      ["info", "[ 1 ]", null],
    ],
  );
});

Deno.test.each(
  [
    "node:fs",
    "node:net",
    "fs",
    "npm:left-pad@1.3.0",
    "jsr:@std/path@1",
    "https://deno.land/std/version.ts",
    "file:///etc/passwd",
    "./other.js",
    "data:text/javascript,export default 1",
    "blob:null/0",
    "km-plugin",
  ],
)("an import at run time is refused, and told: %s", async (specifier) => {
  verifies("plugin-imports-refused");
  using folder = new TempFolder();
  // The lexer refuses each import(); this one gets past it, as if the lexer had a hole.
  const code = pluginCode(
    `async onMessage(message, c) {
    const load = message.json() && loader;
    await load(${
      JSON.stringify(specifier)
    }).then(() => c.log.info("GOT IT"), (error) => c.log.info(error.name));
  }`,
    "const loader = (specifier) => import(specifier);",
  );
  await using driver = await BootDriver.launch(pluginCode(""), { runtime: folder.path });
  await driver.expect("loaded", { kind: "load", code: new TextEncoder().encode(code) });
  await driver.handle(wireMessage(1));
  assert.deepEqual(driver.logs, ["TypeError"]);
  assert.deepEqual(driver.unasked.filter(({ kind }) => kind === "refused"), [
    { kind: "refused", what: "import", value: specifier },
  ]);
});

Deno.test("files and variables that are granted are read by what is left of Deno; others are not", async () => {
  using folder = new TempFolder();
  const granted = `${folder.path}/granted`;
  await Deno.mkdir(granted);
  await Deno.writeTextFile(`${granted}/a.txt`, "in it");
  const code = pluginCode(`async onMessage(message, c) {
    const [inside, outside] = message.json();
    c.log.info(await Deno.readTextFile(inside));
    c.log.info(await Deno.readTextFile(outside).catch((error) => error.name));
    c.log.info(String(Deno.env.get("GRANTED")));
    try { Deno.env.get("OTHER"); } catch (error) { c.log.info(error.name); }
  }`);
  const permissions = { ...NO_PERMISSIONS, read: [await Deno.realPath(granted)], env: ["GRANTED"] };
  const options = { runtime: `${folder.path}/runtime`, permissions, env: { GRANTED: "value" } };
  await using driver = await BootDriver.ready(code, options);
  const inside = `${await Deno.realPath(granted)}/a.txt`;
  const { firstError } = await driver.handle(wireMessage([inside, await Deno.realPath(Deno.execPath())]));
  assert.equal(firstError, "");
  assert.deepEqual(driver.logs, ["in it", "NotCapable", "value", "NotCapable"]);
});
