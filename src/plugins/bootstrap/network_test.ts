import assert from "node:assert/strict";
import { lookup } from "node:dns/promises";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { BootDriver, pluginCode, wireMessage } from "../../../tests/fakes/boot_driver.ts";
import { verifies } from "../../../tests/verifies.ts";
import { NO_PERMISSIONS } from "../sandbox/permissions_in_force.ts";

/** This machine's own name, where it leads to an address: whoever owns a granted name can make it lead there. */
const NAME = Deno.hostname();
const leadsHere = await lookup(NAME, { family: 4 }).then(() => true, () => false);

Deno.test({
  name: "a granted name that leads to this machine is refused, and told once by the address",
  ignore: !leadsHere || !/^[a-z0-9.-]+$/i.test(NAME),
  fn: async () => {
    verifies("plugin-refusals-shown");
    using folder = new TempFolder();
    const code = pluginCode(`
      async onMessage() {
        for (let time = 0; time < 3; time++) await fetch("http://${NAME}:8009/").catch(() => {});
        const socket = new WebSocket("ws://${NAME}:8010/");
        const twin = new socket.constructor("ws://${NAME}:8011/");
        await Promise.all([socket, twin].map((one) => new Promise((resolve) => one.onerror = resolve)));
        await fetch("http://1.2.3.4/").catch(() => {});
      },`);
    const net = [8009, 8010, 8011].map((port) => `${NAME.toLowerCase()}:${port}`);
    const permissions = { ...NO_PERMISSIONS, net };
    await using driver = await BootDriver.ready(code, { runtime: folder.path, permissions });
    assert.equal((await driver.handle(wireMessage(1))).firstError, "");
    const told = driver.unasked.flatMap((said) => said.kind === "refused" ? [[said.what, said.value]] : []);
    const ports = told.map(([what, value]) => [what, value?.replace(/^.*:/, "")]);
    assert.deepEqual(ports.sort(), [["net", "8009"], ["net", "8010"], ["net", "8011"]]);
  },
});

Deno.test("fetch and WebSocket are what they were", async () => {
  using folder = new TempFolder();
  const code = pluginCode(`
    async onMessage(message, c) {
      const text = await (await fetch("data:text/plain,hello")).text();
      let refused = "";
      try { new WebSocket("ws://1.2.3.4/"); } catch (error) { refused = error.name; }
      const is = WebSocket.OPEN === 1 && WebSocket.prototype.constructor === WebSocket;
      c.log.info(JSON.stringify([text, refused, is, typeof fetch, fetch.name]));
    },`);
  await using driver = await BootDriver.ready(code, { runtime: folder.path });
  assert.equal((await driver.handle(wireMessage(1))).firstError, "");
  assert.deepEqual(JSON.parse(driver.logs.at(-1) ?? ""), ["hello", "NotCapable", true, "function", "fetch"]);
});
