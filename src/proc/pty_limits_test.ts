import { verifies } from "../../tests/verifies.ts";
import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../../tests/skip.ts";

/** Descriptors, threads and children are counted for a whole process: each test has one of its own. */
const unlessLinux = unlessOs("linux");

/** The one wait is handed from thread to thread of the runtime's pool, which may start another before the last one has lain down. */
const POOL_THREADS = 3;

/** Runs `body` in a process of its own, under `limits` of the shell; returns what it says as JSON. */
async function inProcess(body: string, limits = "true"): Promise<unknown> {
  const script = `
    import { Ptys } from ${JSON.stringify(import.meta.resolve("./pty.ts"))};
    const count = (folder) => [...Deno.readDirSync(folder)].length;
    const fds = () => count("/proc/self/fd"), threads = () => count("/proc/self/task");
    const children = () => Deno.readTextFileSync(\`/proc/self/task/\${Deno.pid}/children\`).trim().split(/\\s+/).filter(Boolean).length;
    const options = (command, more) => ({
      command, cwd: "/", env: { PATH: "/usr/bin:/bin" }, searchPath: "/usr/bin:/bin", size: { cols: 80, rows: 24 },
      onData() {}, onExit() {}, ...more,
    });
    const run = (ptys, command) => new Promise((onExit) => ptys.spawn(options(command, { onExit })));
    ${body}
  `;
  const { stdout, stderr, code } = await new Deno.Command("/bin/sh", {
    args: ["-c", `${limits}; exec "$@"`, "sh", Deno.execPath(), "eval", "--no-check", script],
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stdout);
  assert.equal(code, 0, said + new TextDecoder().decode(stderr));
  return JSON.parse(said);
}

testUnless(unlessLinux, "500 sessions leave no descriptor, no zombie and no thread behind", async () => {
  verifies("pty-no-leak");
  const said = await inProcess(`
    const ptys = new Ptys();
    await run(ptys, ["true"]);
    const before = [fds(), threads(), children()];
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 25 }, () => run(ptys, ["true"])));
    console.log(JSON.stringify({ before, after: [fds(), threads(), children()] }));
  `) as { before: number[]; after: number[] }; // What the script above says.
  const [fds = 0, threads = 0, children = 0] = said.after.map((count, at) => count - (said.before[at] ?? 0));
  assert.deepEqual([fds, children, said.after[2]], [0, 0, 0]);
  assert.ok(threads <= POOL_THREADS, `${threads} threads more`);
});

testUnless(unlessLinux, "50 sessions share one thread and take one descriptor each", async () => {
  verifies("pty-one-thread", "pty-master-by-ffi");
  const said = await inProcess(`
    const ptys = new Ptys();
    const started = (command) => new Promise((onData) => ptys.spawn(options(command, { onData })));
    await started(["sh", "-c", "echo ready; sleep 1000"]);
    const before = [fds(), threads()];
    await Promise.all(Array.from({ length: 50 }, () => started(["sh", "-c", "echo ready; sleep 1000"])));
    const after = [fds(), threads()];
    await ptys[Symbol.asyncDispose]();
    console.log(JSON.stringify([after[0] - before[0], after[1] - before[1], children()]));
  `) as number[]; // What the script above says.
  const [fds, threads, children] = said;
  assert.deepEqual([fds, children], [50, 0]);
  assert.ok(threads !== undefined && threads <= POOL_THREADS, `${threads} threads more`);
});

testUnless(unlessLinux, "a process whose programs have ended is free to end, without disposing", async () => {
  assert.equal(await inProcess(`await run(new Ptys(), ["true"]); console.log("1");`), 1);
});

testUnless(unlessLinux, "starts that fail leave no descriptor behind", async () => {
  const said = await inProcess(`
    const ptys = new Ptys();
    await run(ptys, ["true"]);
    const before = fds();
    const codes = new Set();
    const attempts = [["no-such-program"], ["/etc/passwd"], ["true", "a\\0b"], ["true", "x".repeat(4 << 20)], ["true"]];
    for (let i = 0; i < 20; i++) for (const [at, command] of attempts.entries()) {
      try { ptys.spawn(options(command, at === 4 ? { cwd: "/no/such" } : {})); codes.add("none"); }
      catch (error) { codes.add(error.code); }
    }
    console.log(JSON.stringify({ codes: [...codes], more: fds() - before }));
  `);
  const codes = ["command_not_found", "command_not_executable", "usage", "internal", "not_found"];
  assert.deepEqual(said, { codes, more: 0 });
});

testUnless(
  unlessLinux,
  "without descriptors left, spawn() says so, and works again when there are",
  async () => {
    const said = await inProcess(
      `
    const ptys = new Ptys();
    // The runtime itself ends where it finds no descriptor: these are for it.
    const spare = Array.from({ length: 8 }, () => Deno.openSync("/dev/null"));
    const live = [];
    let error;
    while (!error) try { live.push(ptys.spawn(options(["sleep", "1000"]))); } catch (thrown) { error = thrown; }
    spare.forEach((file) => file.close());
    await ptys.end(live[0]);
    const { code } = await run(ptys, ["true"]);
    await ptys[Symbol.asyncDispose]();
    console.log(JSON.stringify([error.code, error.message, error.hint, code, live.length > 5]));
  `,
      "ulimit -n 64",
    );
    assert.deepEqual(said, [
      "internal",
      "Cannot open a terminal: too many open files",
      'end sessions that are not needed, or raise the limit ("ulimit -n")',
      0,
      true,
    ]);
  },
);

testUnless(unlessLinux, "a km that was told to ignore signals starts programs that do not", async () => {
  const said = await inProcess(
    `
    const ptys = new Ptys();
    const exit = await run(ptys, ["sh", "-c", "kill -INT $$; exit 1"]);
    console.log(JSON.stringify(exit));
  `,
    "trap '' INT QUIT HUP",
  );
  assert.deepEqual(said, { code: null, signal: "SIGINT" });
});
