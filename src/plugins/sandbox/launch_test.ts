import assert from "node:assert/strict";
import { launchRaw, LIMITS } from "../../../tests/fakes/raw_sandbox.ts";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { testUnless, unlessOs } from "../../../tests/skip.ts";
import { verifies } from "../../../tests/verifies.ts";
import { inheritablePipe } from "../../proc/inherited.ts";
import { launchSandbox } from "./launch.ts";
import { NO_PERMISSIONS } from "./permissions_in_force.ts";

const ECHO = `
const out = Deno.stdout.writable.getWriter();
for await (const chunk of Deno.stdin.readable) await out.write(chunk);
`;
/** Says one frame whose header is `text`. */
const SAY = `
const say = (text) => {
  const header = new TextEncoder().encode(text);
  const frame = new Uint8Array(8 + header.length);
  new DataView(frame.buffer).setUint32(0, 4 + header.length);
  new DataView(frame.buffer).setUint32(4, header.length);
  frame.set(header, 8);
  let at = 0;
  while (at < frame.length) at += Deno.stdout.writeSync(frame.subarray(at));
};
`;
const WAIT = `await new Promise((resolve) => setTimeout(resolve, 1e6));`;

Deno.test("launchSandbox() carries frames in and out, and tells the one end", async () => {
  using folder = new TempFolder();
  const run = await launchRaw(folder.path, ECHO);
  const payload = crypto.getRandomValues(new Uint8Array(50_000));
  await run.sandbox.send(bytes("one"), [payload.subarray(0, 7), payload.subarray(7)]);
  await run.sandbox.send(bytes("two"), []);
  const [first, second] = [await run.frame(), await run.frame()];
  assert.equal(text(first.header), "one");
  assert.deepEqual(first.payload, payload);
  assert.equal(text(second.header), "two");
  const end = await run.sandbox.end(5_000);
  assert.equal(end.why, "asked");
  assert.equal(end.exitCode, 0);
  assert.equal(run.ends.length, 1);
  assert.equal(run.sandbox.waitingBytes, 0);
  await run.sandbox.send(bytes("late"), []);
});

Deno.test("the process has the recipe's flags, no environment, an unusable DENO_DIR and no folder of the user's", async () => {
  verifies("plugin-sandbox-recipe");
  using folder = new TempFolder();
  const program = `${SAY}
    const asked = {};
    for (const name of ["read", "write", "net", "env", "sys", "run", "ffi"]) {
      asked[name] = (await Deno.permissions.query({ name })).state;
    }
    let import_ = "allowed";
    try { await import("data:text/javascript,export default 1" + ""); } catch { import_ = "refused data"; }
    let code = "runs";
    try { new Function("return 1")(); } catch { code = "refused"; }
    say(JSON.stringify({ asked, import_, code }));`;
  const run = await launchRaw(folder.path, program, {
    env: { SECRET_OF_THE_USER: "1", LD_PRELOAD: "/x.so", HTTPS_PROXY: "http://user:pw@proxy" },
  });
  const { asked, code } = JSON.parse(text((await run.frame()).header));
  assert.deepEqual(new Set(Object.values(asked)), new Set(["prompt"]));
  assert.equal(code, "refused");
  await run.ended();
});

testUnless(
  unlessOs("linux"),
  "what km was started with does not reach the process: variables, descriptors, folder",
  async () => {
    verifies("plugin-sandbox-recipe");
    using folder = new TempFolder();
    const run = await launchRaw(folder.path, `${SAY} say("up"); ${WAIT}`, {
      env: { SECRET_OF_THE_USER: "1", LD_PRELOAD: "/x.so", HTTPS_PROXY: "http://user:pw@proxy", TZ: "Mars" },
      niceness: 7,
    });
    assert.equal(text((await run.frame()).header), "up");
    const proc = `/proc/${run.sandbox.pid}`;
    const environment = (await Deno.readTextFile(`${proc}/environ`)).split("\0").map((line) =>
      line.split("=")[0]
    );
    const known = ["DENO_AUDIT_PERMISSIONS", "DENO_DIR", "DENO_NO_UPDATE_CHECK", "NO_COLOR", "PWD", "TZ"];
    assert.deepEqual(environment.filter((name) => name !== "" && !known.includes(name ?? "")), []);
    assert.equal(await Deno.readLink(`${proc}/cwd`), "/");
    const [, limits = ""] = /Max core file size +(\d+)/.exec(await Deno.readTextFile(`${proc}/limits`)) ?? [];
    assert.equal(limits, "0");
    const [stat, own] = [await statOf(proc), await statOf("/proc/self")];
    assert.equal(stat[2], run.sandbox.pid, "a process group of its own");
    assert.equal(stat[16], Math.max(own[16] ?? 0, 7), "niceness");
    run.sandbox.kill("asked", "done");
    assert.equal((await run.ended()).signal, "SIGKILL");
  },
);

testUnless(unlessOs("linux"), "a descriptor that km itself inherited is closed in the process", async () => {
  verifies("plugin-sandbox-recipe");
  using folder = new TempFolder();
  using pipe = inheritablePipe("secret");
  assert.ok(pipe !== null);
  const inode = await Deno.readLink(`/proc/self/fd/${pipe.readFd}`);
  const run = await launchRaw(folder.path, `${SAY} say("up"); ${WAIT}`);
  await run.frame();
  const fds = `/proc/${run.sandbox.pid}/fd`;
  const targets = [...Deno.readDirSync(fds)].map(({ name }) => {
    try {
      return Deno.readLinkSync(`${fds}/${name}`);
    } catch {
      return "closed meanwhile";
    }
  });
  assert.ok(targets.length > 3);
  assert.ok(!targets.includes(inode), targets.join());
  run.sandbox.kill("asked", "done");
  await run.ended();
});

Deno.test("code that imports is not launched", async () => {
  verifies("plugin-imports-refused");
  using folder = new TempFolder();
  await assert.rejects(
    launchSandbox({
      deno: Deno.execPath(),
      code: bytes(`export default 1;\nimport "node:net";`),
      permissions: NO_PERMISSIONS,
      limits: LIMITS,
      runtime: `${folder.path}/runtime`,
      env: {},
      niceness: 0,
      on: { onFrame() {}, onRefused() {}, onStderr() {}, onEnd() {} },
    }),
    { code: "plugin_failed", message: /line 2 imports "node:net"/ },
  );
});

Deno.test("a length of 4 GiB ends the process before any of it is kept", async () => {
  verifies("abuse-huge-length");
  using folder = new TempFolder();
  const run = await launchRaw(
    folder.path,
    `Deno.stdout.writeSync(new Uint8Array([255, 255, 255, 255, 0, 0, 0, 1])); ${WAIT}`,
  );
  const end = await run.ended();
  assert.equal(end.why, "protocol");
  assert.match(end.detail, /4294967295 bytes; 1048576 are allowed/);
});

Deno.test("half a frame and its end are told as such", async () => {
  verifies("abuse-half-frame");
  using folder = new TempFolder();
  const run = await launchRaw(
    folder.path,
    `Deno.stdout.writeSync(new Uint8Array([0, 0, 1, 0, 0, 0, 0, 1, 7]));`,
  );
  const end = await run.ended();
  assert.equal(end.why, "protocol");
  assert.match(end.detail, /in the middle of a frame, with exit code 0/);
});

Deno.test("a flood that is no frames ends its process; what was unread is thrown away", async () => {
  verifies("abuse-flood");
  using folder = new TempFolder();
  const run = await launchRaw(
    folder.path,
    `const junk = new Uint8Array(65536).fill(0x2a); for (;;) Deno.stdout.writeSync(junk);`,
  );
  assert.equal((await run.ended()).why, "protocol");
});

Deno.test("a flood on stderr ends its process, and at most 4 KiB of it are told", async () => {
  verifies("abuse-flood", "plugin-limits");
  using folder = new TempFolder();
  const run = await launchRaw(
    folder.path,
    `const junk = new TextEncoder().encode("x".repeat(99) + "\\n"); for (;;) Deno.stderr.writeSync(junk);`,
  );
  const end = await run.ended();
  assert.equal(end.why, "limit");
  assert.match(end.detail, /stderr/);
  assert.ok(run.stderr().length <= 4096);
});

Deno.test("a heap over its limit ends the process, and is told as that", async () => {
  verifies("plugin-limits");
  using folder = new TempFolder();
  const run = await launchRaw(
    folder.path,
    `const all = []; for (;;) all.push({ a: all.length, b: [all.length] });`,
    {
      limits: { ...LIMITS, heapMiB: 32, residentMiB: 512 },
    },
  );
  const end = await run.ended();
  assert.deepEqual([end.why, end.detail], ["limit", "its heap grew beyond 32 MiB"]);
});

testUnless(
  unlessOs("linux", "darwin"),
  "memory outside the heap over its limit ends the process",
  async () => {
    verifies("plugin-limits");
    using folder = new TempFolder();
    const program =
      `const all = []; for (;;) { all.push(new Uint8Array(4 << 20).fill(1)); await new Promise((r) => setTimeout(r, 5)); }`;
    const run = await launchRaw(folder.path, program, { limits: { ...LIMITS, residentMiB: 160 } });
    const end = await run.ended();
    assert.equal(end.why, "limit");
    assert.match(end.detail, /it took \d+ MiB of memory, and may take 160 MiB/);
    assert.ok((end.usage.residentBytes ?? 0) > 160 * 1024 * 1024);
  },
);

testUnless(unlessOs("linux", "darwin"), "a loop over its share of a processor is ended", async () => {
  verifies("plugin-limits");
  using folder = new TempFolder();
  const run = await launchRaw(folder.path, `for (;;);`, { limits: { ...LIMITS, cpuPercent: 5 } });
  const end = await run.ended();
  assert.equal(end.why, "limit");
  assert.match(end.detail, /of a processor within 10 s, and may take 5 %/);
});

Deno.test("a process that ignores SIGTERM and its closed stdin is killed", async () => {
  using folder = new TempFolder();
  const run = await launchRaw(
    folder.path,
    `Deno.addSignalListener("SIGTERM", () => {}); ${SAY} say("up"); ${WAIT}`,
  );
  await run.frame();
  const end = await run.sandbox.end(50);
  assert.deepEqual([end.why, end.signal], ["asked", "SIGKILL"]);
});

testUnless(unlessOs("linux", "darwin"), "a refused access is told once, then at 10", async () => {
  verifies("plugin-refusals-shown");
  using folder = new TempFolder();
  const allowed = await Deno.realPath(folder.path);
  const program = `
    try { Deno.readDirSync(${JSON.stringify(allowed)}); } catch {}
    for (let i = 0; i < 12; i++) try { Deno.readTextFileSync("/etc/hostname"); } catch {}
    try { await Deno.connect({ hostname: "1.2.3.4", port: 5 }); } catch {}`;
  const run = await launchRaw(folder.path, program, { permissions: { ...NO_PERMISSIONS, read: [allowed] } });
  await run.ended();
  assert.deepEqual(run.refused, [
    { permission: "read", value: "/etc/hostname", count: 1 },
    { permission: "read", value: "/etc/hostname", count: 10 },
    { permission: "net", value: "1.2.3.4:5", count: 1 },
  ]);
});

Deno.test("a Deno that is not there is said", async () => {
  using folder = new TempFolder();
  await assert.rejects(launchRaw(folder.path, "", { deno: `${folder.path}/deno` }), {
    code: "plugin_failed",
  });
});

/** Fields of `stat`, from the third. */
async function statOf(proc: string): Promise<number[]> {
  return (await Deno.readTextFile(`${proc}/stat`)).split(") ")[1]?.split(" ").map(Number) ?? [];
}

function bytes(words: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(words);
}

function text(given: Uint8Array): string {
  return new TextDecoder().decode(given);
}
