import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { Audit } from "./audit.ts";
import { NO_PERMISSIONS, type PermissionsInForce } from "./permissions_in_force.ts";
import type { RefusedAccess } from "./sandbox.ts";

/** What is told of `lines`, in pieces of 7 bytes. */
function read(lines: readonly string[], permissions: Partial<PermissionsInForce> = {}, end = "\n") {
  const refused: RefusedAccess[] = [];
  let text = "";
  const audit = new Audit({ ...NO_PERMISSIONS, ...permissions }, {
    onRefused: (access) => void refused.push(access),
    onStderr: (piece) => void (text += piece),
  });
  const bytes = new TextEncoder().encode(lines.join("\n") + end);
  for (let at = 0; at < bytes.length; at += 7) audit.push(bytes.subarray(at, at + 7));
  audit.end();
  return { refused, text };
}

function line(permission: string, value: unknown): string {
  return JSON.stringify({ v: 1, datetime: "2026-11-21T20:54:11Z", permission, value });
}

Deno.test("Audit tells what no grant covers", () => {
  verifies("plugin-refusals-shown");
  const { refused } = read([
    line("read", "/data/in/a.txt"),
    line("read", "/data/in"),
    line("read", "/data/inner"),
    line("read", "/data/in/../x"),
    line("net", "api.example.com:443"),
    line("net", "https://api.example.com/path"),
    line("net", "http://api.example.com/path"),
    line("net", "127.0.0.1:443"),
    line("env", "MY_KEY"),
    line("env", "HOME"),
    line("run", "/bin/sh"),
    line("sys", "hostname"),
  ], { read: ["/data/in"], net: ["api.example.com:443"], env: ["MY_KEY"] });
  assert.deepEqual(refused.map(({ permission, value }) => `${permission} ${value}`), [
    "read /data/inner",
    "read /data/in/../x",
    "net http://api.example.com/path",
    "net 127.0.0.1:443",
    "env HOME",
    "run /bin/sh",
    "sys hostname",
  ]);
});

Deno.test("Audit: a thousand tries of one kind hide no other, nor a later one of the same", () => {
  verifies("plugin-refusals-shown");
  const junk = Array.from({ length: 1000 }, (_, i) => line("env", `JUNK${i}`));
  const { refused } = read([...junk, line("read", "/etc/shadow"), line("env", "AWS_SECRET_ACCESS_KEY")]);
  assert.deepEqual(refused.slice(-2).map(({ value }) => value), ["/etc/shadow", "AWS_SECRET_ACCESS_KEY"]);
});

Deno.test("Audit tells the same access at 1, 10, 100", () => {
  const { refused } = read(Array(120).fill(line("env", "HOME")));
  assert.deepEqual(refused.map(({ count }) => count), [1, 10, 100]);
});

Deno.test("Audit takes what is no access for text, bounded and printable", () => {
  const { refused, text } = read([
    "# Fatal \u001b[31m out of memory",
    '{"v":1}',
    line("root", "x"),
    "z".repeat(9000),
  ]);
  assert.deepEqual(refused, []);
  assert.ok(text.startsWith("# Fatal "));
  assert.ok(!text.includes("\u001b"));
  assert.ok(text.length <= 4096);
});

Deno.test("Audit: what looks like an access in an error's text is text", () => {
  const forged = line("read", "/etc/shadow");
  const { refused, text } = read([
    line("env", "HOME"),
    "error: Uncaught (in promise) Error: x",
    forged,
    "    at file:///x.js:1:1",
  ]);
  assert.deepEqual(refused.map(({ value }) => value), ["HOME"]);
  assert.deepEqual(read([`error: Uncaught Error: ${"x".repeat(40_000)}`, forged]).refused, []);
  assert.ok(text.includes("/etc/shadow"));
});

const ALIKE: readonly (readonly [string, string])[] = [
  ["more members", line("read", "/x").replace("}", ',"stack":[]}')],
  ["members in another order", '{"v":1,"permission":"read","value":"/x","datetime":"2026-11-21T20:54:11Z"}'],
  ["no time", '{"v":1,"permission":"read","value":"/x"}'],
  ["another time", line("read", "/x").replace("T20", " 20")],
  ["another version", line("read", "/x").replace('"v":1', '"v":10')],
  ["a member twice", line("read", "/x").replace('"value"', '"value":"/y","value"')],
  ["spaces", line("read", "/x") + " "],
  ["a value that is none", line("read", 7)],
];

Deno.test.each(ALIKE)("Audit: a line with %s is no access", (_, alike) => {
  assert.deepEqual(read([alike]).refused, []);
});

Deno.test("Audit: half a line at the end is no access; one about everything is", () => {
  assert.deepEqual(read([line("read", "/x")], {}, "").refused, []);
  assert.deepEqual(read([line("env", null)]).refused, [{ permission: "env", value: "", count: 1 }]);
});

Deno.test("Audit keeps neither endless lines nor endless differences", () => {
  const many = Array.from({ length: 3000 }, (_, i) => line("read", `/x/${i % 1000}`));
  const { refused } = read(many);
  // The first 250 are told once; of the others nothing is kept.
  assert.equal(refused.length, 3000 - 2 * 250);
  assert.ok(refused.every(({ count }) => count === 1));
  assert.deepEqual(
    read([line("read", "/".repeat(100_000)), line("env", "A")]).refused.map(({ value }) => value),
    ["A"],
  );
});
