import assert from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { PluginTestHome } from "./plugin_home.ts";

/** Logs and finds what it is handed. */
const WITNESS = `onMessage(message, { log, emit }) {
  log.info(JSON.stringify([message.event.kind, message.event.method, message.direction, message.text()]));
  if (message.event.method === "tools/call") emit.finding({ key: "k", severity: "info", title: "a call", message });
}`;

Deno.test("km monitor: an installed plugin is started, sees messages, and what it finds is told", async () => {
  verifies("plugin-handshake");
  await using home = new PluginTestHome();
  await home.install({ name: "witness", members: WITNESS });
  await using km = home.monitor("mcp");
  await km.write('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}\n');
  await km.stdout.lineCount(1);
  await home.pluginIs("witness", ({ counts }) => counts.findings > 0);
  await km.closeStdin();
  assert.equal((await km.ended()).code, 0);
});
