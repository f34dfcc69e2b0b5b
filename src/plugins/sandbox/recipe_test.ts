import assert from "node:assert/strict";
import { launchRaw } from "../../../tests/fakes/raw_sandbox.ts";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { verifies } from "../../../tests/verifies.ts";
import { NO_PERMISSIONS, type PermissionsInForce } from "./permissions_in_force.ts";
import { recipe } from "./recipe.ts";

const POSSIBLE = Deno.build.os !== "windows";

function launched(permissions: Partial<PermissionsInForce>, env: Record<string, string> = {}) {
  return recipe({
    deno: "/usr/bin/deno",
    bootstrap: "/home/u/.km/runtime/boot.js",
    heapMiB: 96,
    permissions: { ...NO_PERMISSIONS, ...permissions },
    env,
  });
}

Deno.test("recipe() without grants allows nothing, and has exactly these flags", () => {
  verifies("plugin-sandbox-recipe", "plugin-never-asked");
  assert.deepEqual(launched({}).argv, [
    "/usr/bin/deno",
    "run",
    "--quiet",
    "--no-prompt",
    "--no-remote",
    "--no-npm",
    "--cached-only",
    "--no-config",
    "--no-lock",
    "--no-code-cache",
    "--v8-flags=--max-old-space-size=96,--disallow-code-generation-from-strings",
    "/home/u/.km/runtime/boot.js",
  ]);
});

Deno.test("recipe() never allows run, ffi, sys, import or all of anything, whatever is granted", () => {
  verifies("plugin-never-asked");
  const all = { net: ["a.example:443"], read: ["/data/in"], write: ["/data/out"], env: ["MY_KEY"] };
  const wider = { ...all, run: ["sh"], ffi: ["/lib/x.so"], sys: ["hostname"], import: ["a.example"] };
  const flags = launched(wider).argv.filter((word) => word.startsWith("-A") || word.startsWith("--allow"));
  assert.deepEqual(flags, [
    "--allow-net=a.example:443",
    "--allow-read=/data/in",
    "--allow-write=/data/out",
    "--allow-env=MY_KEY",
  ]);
});

Deno.test("recipe() with a net grant denies this machine and the networks around it", () => {
  verifies("plugin-private-networks");
  const denied = launched({ net: ["api.example.com:443"] }).argv.find((word) =>
    word.startsWith("--deny-net=")
  );
  const listed = new Set(denied?.slice("--deny-net=".length).split(","));
  for (
    const address of [
      ["127.0.0.0/8", "0.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"],
      [
        "100.64.0.0/10",
        "224.0.0.0/3",
        "[::]",
        "[::1]",
        "localhost",
        "*.localhost",
        "*.internal",
        "[fd00:ec2::254]",
      ],
    ].flat()
  ) assert.ok(listed.has(address), address);
});

const WIDER: readonly Partial<PermissionsInForce>[] = [
  { net: ["a.example"] },
  { net: ["a.example:443,b.example:1"] },
  { net: ["*.example.com:443"] },
  { net: ["10.0.0.0/8:443"] },
  { net: ["unix:/run/docker.sock"] },
  { net: ["a.example:0"] },
  { net: ["a.example:65536"] },
  { net: [""] },
  { net: ["--allow-run"] },
  { net: ["[::1]:80"] },
  { net: ["[::ffff:127.0.0.1]:80"] },
  { net: ["[fd00::1]:80"] },
  { net: ["[fe80::1]:80"] },
  { net: ["vsock:1:2"] },
  { read: ["/"] },
  { read: [""] },
  { read: ["relative/path"] },
  { read: ["/a,/etc"] },
  { read: ["/a/../etc"] },
  { read: ["/a\0b"] },
  { write: ["//"] },
  { write: ["/a/./.."] },
  { env: ["LD_PRELOAD"] },
  { env: ["DENO_DIR"] },
  { env: ["NODE_OPTIONS"] },
  { env: ["PATH"] },
  { env: ["A,B"] },
  { env: ["A*"] },
  { env: [""] },
];
for (const permissions of WIDER) {
  Deno.test(`recipe() refuses ${JSON.stringify(permissions)}, which Deno would read as more`, () => {
    assert.throws(() => launched(permissions), { code: "not_granted" });
  });
}

Deno.test("recipe() passes on granted variables alone; a proxy's only with a net grant", () => {
  const env = { MY_KEY: "1", OTHER: "2", HTTPS_PROXY: "http://proxy", LD_PRELOAD: "/x.so", TZ: "Mars" };
  const names = (permissions: Partial<PermissionsInForce>) =>
    Object.keys(launched(permissions, env).env).filter((name) => name in env).sort();
  assert.deepEqual(names({}), ["TZ"]);
  assert.deepEqual(names({ env: ["MY_KEY"] }), ["MY_KEY", "TZ"]);
  assert.deepEqual(names({ net: ["a.example:443"] }), ["HTTPS_PROXY", "TZ"]);
  assert.equal(launched({ env: ["MY_KEY"] }, env).env["TZ"], "UTC");
});

Deno.test("recipe() has names looked up by IPv4 alone, where it can: no flag of Deno's denies networks of IPv6", () => {
  verifies("plugin-private-networks");
  const lookups = (net: readonly string[]) => launched({ net }).env["RES_OPTIONS"];
  assert.equal(lookups(["a.example:443"]), Deno.build.os === "linux" ? "no-aaaa" : undefined);
  assert.equal(lookups([]), undefined);
});

Deno.test("Deno takes every address that is denied, and stops a granted name that leads to loopback", async () => {
  verifies("plugin-private-networks");
  if (!POSSIBLE) return;
  using folder = new TempFolder();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const name = Deno.hostname().toLowerCase();
  const program = `
    const tried = [];
    for (const hostname of ["127.0.0.1", "localhost", "0.0.0.0", "::1", ${JSON.stringify(name)}]) {
      try { (await Deno.connect({ hostname, port: ${port} })).close(); tried.push(hostname); } catch {}
    }
    const text = new TextEncoder().encode(JSON.stringify(tried));
    const frame = new Uint8Array(8 + text.length);
    new DataView(frame.buffer).setUint32(0, 4 + text.length);
    new DataView(frame.buffer).setUint32(4, text.length);
    frame.set(text, 8);
    Deno.stdout.writeSync(frame);`;
  const net = ["127.0.0.1", "localhost", "0.0.0.0", name].map((host) => `${host}:${port}`);
  const run = await launchRaw(folder.path, program, { permissions: { ...NO_PERMISSIONS, net } });
  assert.equal(new TextDecoder().decode((await run.frame()).header), "[]");
  await run.ended();
});
