import { equal, ok } from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { GuardedDaemon } from "./guarded_daemon.ts";
import { sendRaw } from "./raw_http.ts";

Deno.test("a request is served only under a name of the daemon's own", async (t) => {
  verifies("guard-host");
  await using km = await GuardedDaemon.start(["--allow-host", "km.example"]);
  const { port } = km;
  const good = [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `LocalHost:${port}`,
    `[::1]:${port}`,
    `km.example:${port}`,
    "km.example",
  ];
  for (const host of good) {
    await t.step(
      `served: ${host}`,
      async () => equal((await km.send("GET /health", [`Host: ${host}`])).status, 200),
    );
  }
  const bad = [
    "localhost",
    "127.0.0.1",
    `localhost.attacker.tld:${port}`,
    `attacker.tld:${port}`,
    `127.0.0.1.nip.io:${port}`,
    `notlocalhost:${port}`,
    `localhost.:${port}`,
    `2130706433:${port}`,
    `0x7f000001:${port}`,
    `0177.0.0.1:${port}`,
    `127.1:${port}`,
    `127.0.0.2:${port}`,
    `0.0.0.0:${port}`,
    `[::ffff:127.0.0.1]:${port}`,
    `[0:0:0:0:0:0:0:1]:${port}`,
    `[::]:${port}`,
    `localhost:${port + 1}`,
    `localhost:0${port}`,
    `localhost:${port}:${port}`,
    `localhost:`,
    `user@localhost:${port}`,
    `localhost:${port}@attacker.tld`,
    `localhost:${port}/`,
    `localhost:${port}#`,
    `localhost:${port}, attacker.tld`,
    `attacker.tld,localhost:${port}`,
    `localhost :${port}`,
    `km.example.attacker.tld:${port}`,
    `km.example:${port + 1}`,
    `l\u00f6calhost:${port}`,
    "",
  ];
  for (const host of bad) {
    await t.step(
      `refused: ${
        JSON.stringify(host).replaceAll(String(port), "<port>").replaceAll(String(port + 1), "<other>")
      }`,
      async () => {
        for (const path of ["/health", "/", "/nothing", "/api/activity"]) {
          const answer = await km.send(`GET ${path}`, [`Host: ${host}`, km.bearer()]);
          ok(answer.status === 421 || answer.status === 400, `${path}: ${answer.status}`);
        }
      },
    );
  }
  await t.step("refused: no Host", async () => {
    equal((await sendRaw(port, "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n")).status, 421);
    equal((await sendRaw(port, "GET /health HTTP/1.0\r\n\r\n")).status, 421);
  });
  await t.step("refused: two of them", async () => {
    const hosts = [`Host: localhost:${port}`, "Host: attacker.tld"];
    for (const both of [hosts, hosts.toReversed()]) equal((await km.send("GET /health", both)).status, 400);
  });
  await t.step("the request line counts as much as the header", async () => {
    equal((await km.send(`GET http://127.0.0.1:${port}/health`)).status, 200);
    equal((await km.send(`GET http://attacker.tld/health`)).status, 421);
    equal((await km.send(`GET http://localhost:${port}/health`, ["Host: attacker.tld"])).status, 421);
    equal(
      (await km.send(`GET http://localhost:${port}/health`)).status,
      421,
      "two names of ours, but not the same",
    );
    equal((await km.send(`GET https://127.0.0.1:${port}/health`)).status, 421);
    equal((await km.send(`GET http://u:p@127.0.0.1:${port}/health`)).status, 421);
  });
});
