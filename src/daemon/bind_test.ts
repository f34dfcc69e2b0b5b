import assert from "node:assert/strict";
import { KmError } from "../core/error.ts";
import { verifies } from "../../tests/verifies.ts";
import { bindAddress, isLoopback } from "./bind.ts";

const PLAIN = { tls: false, insecureBind: false };

for (
  const host of [
    "127.0.0.1",
    "localhost",
    "127.1",
    "2130706433",
    "0x7f.1",
    "::1",
    "[::1]",
    "::ffff:127.0.0.1",
  ]
) {
  Deno.test(`bindAddress() takes ${host}, which is loopback`, async () => {
    verifies("serve-bind-refused");
    assert.ok(isLoopback(await bindAddress(host, PLAIN)));
  });
}

for (
  const host of [
    "0.0.0.0",
    "0",
    "::",
    "[::]",
    "192.0.2.7",
    "10.0.0.1",
    "3221225991",
    "fe80::1",
    "::ffff:10.0.0.1",
  ]
) {
  Deno.test(`bindAddress() refuses ${host} without TLS or --insecure-bind`, async () => {
    verifies("serve-bind-refused");
    await assert.rejects(
      bindAddress(host, PLAIN),
      (error) =>
        error instanceof KmError && error.code === "usage" && /--insecure-bind/.test(error.hint ?? ""),
    );
    assert.ok(await bindAddress(host, { tls: true, insecureBind: false }));
    assert.ok(await bindAddress(host, { tls: false, insecureBind: true }));
  });
}

Deno.test("bindAddress() refuses a name of which one address is not loopback", async () => {
  verifies("serve-bind-refused");
  const resolve = () => Promise.resolve(["127.0.0.1", "192.0.2.7"]);
  await assert.rejects(bindAddress("two-faced.example", { ...PLAIN, resolve }), KmError);
});

Deno.test("bindAddress() gives the address that it judged, not the name", async () => {
  verifies("serve-bind-refused");
  const resolve = () => Promise.resolve(["127.0.0.5"]);
  assert.equal(await bindAddress("rebinding.example", { ...PLAIN, resolve }), "127.0.0.5");
});

Deno.test("bindAddress() says that there is no such host", async () => {
  const resolve = () => Promise.reject(new Error("ENOTFOUND"));
  await assert.rejects(bindAddress("nowhere.example", { ...PLAIN, resolve }), /no such host/);
});

for (
  const address of [
    "127.0.0.1.example.com",
    "1270.0.0.1",
    "localhost",
    "",
    "::1.example",
    "128.0.0.1",
    "::127.0.0.1",
  ]
) {
  Deno.test(`isLoopback() is false for "${address}"`, () => assert.equal(isLoopback(address), false));
}
