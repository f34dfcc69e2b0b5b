import assert from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { BootDriver, pluginCode, wireMessage } from "../../../tests/fakes/boot_driver.ts";
import { verifies } from "../../../tests/verifies.ts";

Deno.test("a promise that calls back as often as it likes is answered for once", async () => {
  verifies("plugin-frames");
  using folder = new TempFolder();
  const code = pluginCode(`
    onMessage(message, c) {
      c.log.info("did " + message.json());
      const own = Promise.resolve();
      const then = (yes) => { for (let time = 0; time < 5; time++) yes?.(); return own; };
      Object.defineProperty(own, "then", { value: then });
      Object.defineProperty(own, "constructor", { value: { [Symbol.species]: function (run) { run(() => {}, () => {}); } } });
      if (message.json() === 2) throw own;
      return own;
    },
    onError() {
      const own = Promise.resolve();
      Object.defineProperty(own, "then", { value: (yes) => { yes(); yes(); return own; } });
      return own;
    },`);
  await using driver = await BootDriver.ready(code, { runtime: folder.path });
  const handled = await driver.handle(wireMessage(1), wireMessage(2), wireMessage(3));
  assert.deepEqual([handled.messages, handled.failed], [3, 1]);
  assert.deepEqual(await driver.ask({ kind: "ping" }), { kind: "pong" });
  assert.deepEqual(driver.logs, ["did 1", "did 2", "did 3"]);
});

Deno.test("whatever is done to lists and iterators, frames are what the bootstrap wrote", async () => {
  verifies("plugin-frames");
  using folder = new TempFolder();
  const code = pluginCode(
    `onMessage(message, c) {
      c.emit.metric({ name: "m", value: 1, message });
      c.state.set("k", [1]);
      c.console(message.json());
      c.log.info(String(seen));
    },`,
    `let seen = 0;
    const look = (value) => { if (value instanceof Uint8Array || typeof value === "number" || value?.$typeName || value?.frame) seen++; };
    for (const list of [[], new Map(), new Set(), "", "".matchAll(/./g), (function* () {})(), (async function* () {})()]) {
      for (let on = Object.getPrototypeOf(list[Symbol.iterator]?.() ?? list); on && on !== Object.prototype; on = Object.getPrototypeOf(on)) {
        for (const name of ["next", "return", "throw"]) {
          try { on[name] = function () { seen++; return { done: true }; }; } catch {}
        }
      }
    }
    Object.defineProperty(Array.prototype, 0, { configurable: true, get() {}, set(value) {
      look(value);
      Object.defineProperty(this, 0, { value, writable: true, enumerable: true, configurable: true });
    } });`,
  );
  await using driver = await BootDriver.ready(code, { runtime: folder.path });
  await driver.handle(wireMessage("line"));
  const kinds = driver.unasked.map((said) => said.kind);
  assert.deepEqual([kinds, driver.logs], [["emit", "setState", "log", "log"], ["line", "0"]]);
});

Deno.test("protocol versions that change while they are read are read once", async () => {
  using folder = new TempFolder();
  const code = pluginCode(
    `protocolVersions: new Proxy([1, 2], { get: (list, key) => key === "0" && times++ > 0 ? { valueOf() { throw 1; } } : list[key] })`,
    "let times = 0;",
  );
  await using driver = await BootDriver.launch(code, { runtime: folder.path });
  const loaded = await driver.expect("loaded", { kind: "load", code: new TextEncoder().encode(code) });
  assert.deepEqual(loaded.protocolVersions, [1, 2]);
});

Deno.test("a stack trace names the plugin, and no path of km's", async () => {
  using folder = new TempFolder();
  const code = pluginCode(`onMessage(message, c) {
    c.log.info(new Error("e").stack);
    const own = {};
    Error.captureStackTrace(own);
    c.log.info(own.stack);
  }`);
  await using driver = await BootDriver.ready(code, { runtime: folder.path });
  await driver.handle(wireMessage(1));
  const [error = "", captured = ""] = driver.logs;
  assert.match(error, /^Error: e\n {4}at Object\.onMessage \(plugin:\d+:\d+\)\n {4}at .*\(km:\d+:\d+\)/);
  for (const text of [error, captured]) assert.doesNotMatch(text, /boot-|file:|base64/);
});
