/** What reaches km and its server through the portable file's header: all of it, as without the header. @module */
import assert from "node:assert/strict";
import { CHANGED_VARIABLES } from "../../src/config/launch_environment.ts";
import { builtKm } from "../built.ts";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { KM, ROOT, runKm, Running, TempFolder } from "./harness.ts";
import { editHeader, SHELLS } from "./portable_file.ts";

const LINUX = unlessOs("linux");
const NO_SH = unlessOs("linux", "darwin");
/** Shared by all tests that do not look at the cache itself. */
const CACHE = `${ROOT}.cache/tests/xdg`;
const ENV = { XDG_CACHE_HOME: CACHE };
const PATIENCE = { timeoutMs: 60_000 };

/** Names that are none to a shell, values that are easy to get wrong, and what would change Deno. */
const ODD_ENVIRONMENT: Readonly<Record<string, string>> = {
  "foo.bar": "dots",
  "a-b": "dashes",
  "BASH_FUNC_x%%": "() { echo hi; }",
  EMPTY: "",
  LINES_: "one\ntwo\n",
  QUOTES: 'it\'s "$HOME" `id` \\',
  UNICODE: "äß☃",
  GROUP: "a\x1db=c",
  KM_LAUNCH_ENV: "all:",
  KM_LAUNCH_PWD: "=/",
  km_id: "not km's",
  IFS: "x",
  DENO_DIR: "/nonexistent",
  DENO_V8_FLAGS: "--no-such-flag",
  NODE_CHANNEL_FD: "77",
  NODE_OPTIONS: "--no-such-option",
};

/** Runs a command in exactly this environment. */
function inEnvironment(variables: Readonly<Record<string, string>>, ...command: string[]): Promise<string> {
  const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return output("env", ["-i", ...words, ...command]);
}

/** What a command prints; it must succeed and write nothing to stderr. */
async function output(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    signal: AbortSignal.timeout(60_000),
  }).output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""], args.join(" "));
  return new TextDecoder().decode(stdout);
}

function sorted(environment: string): string[] {
  return environment.split("\0").sort();
}

const SERVER = ["/usr/bin/env", "-0"];

for (const [name, shell] of Object.entries(SHELLS)) {
  testUnless(
    LINUX ?? missingProgram(shell[0] ?? ""),
    `under ${name}, the server sees the environment that km was started with`,
    async () => {
      verifies("portable-untouched");
      using home = new TempFolder();
      const file = await builtKm();
      const odd = { ...ENV, KM_HOME: home.path, PATH: "/usr/bin:/bin", ...ODD_ENVIRONMENT };
      for (
        const variables of [odd, { ...ENV, KM_HOME: home.path, PWD: "/", SHLVL: "7", _: "x", OLDPWD: "/o" }]
      ) {
        const direct = await inEnvironment(variables, ...SERVER);
        const through = await inEnvironment(variables, ...shell, file, "monitor", "--", ...SERVER);
        assert.deepEqual(sorted(through), sorted(direct));
      }
    },
  );
}

testUnless(LINUX, "the server sees bytes in the environment that are no UTF-8", async () => {
  verifies("portable-untouched");
  using home = new TempFolder();
  // Deno cannot start a program with such a value: printf makes it.
  const script = `ODD=$(printf '\\377\\376') exec "$@"`;
  const run = (...command: string[]) =>
    runKm([], { home: home.path, env: ENV, command: ["sh", "-c", script, "sh", ...command], ...PATIENCE });
  const server = ["sh", "-c", `printf %s "$ODD"`];
  const { stdout, err } = await run(await builtKm(), "monitor", "--", ...server);
  assert.equal(err, "");
  assert.deepEqual([...stdout], [0xff, 0xfe]);
});

testUnless(LINUX, "a checkout's km shows the server its environment too", async () => {
  verifies("portable-untouched");
  using home = new TempFolder();
  const { DENO_DIR: _, DENO_V8_FLAGS: __, NODE_CHANNEL_FD: ___, ...odd } = ODD_ENVIRONMENT;
  const variables = { KM_HOME: home.path, HOME: Deno.env.get("HOME") ?? "/", ...odd };
  const through = await inEnvironment(variables, ...KM, "monitor", "--", ...SERVER);
  assert.deepEqual(sorted(through), sorted(await inEnvironment(variables, ...SERVER)));
});

testUnless(
  NO_SH,
  "where there is no /proc, or too much for one variable, what the header changed is put back",
  async () => {
    verifies("portable-untouched");
    using folder = new TempFolder();
    const file = `${folder.path}/km`;
    await Deno.copyFile(await builtKm(), file);
    const plain = {
      ...ENV,
      KM_HOME: `${folder.path}/home`,
      PATH: "/usr/bin:/bin",
      PWD: Deno.cwd(),
      _: "/x/km",
    };
    const changed = Object.fromEntries(
      CHANGED_VARIABLES.map((name) => [name, name.startsWith("DENO_TOKIO_") ? "61" : `my ${name}`]),
    );
    const large = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`LARGE_${i}`, "x".repeat(10_000)]),
    );
    const check = async (variables: Readonly<Record<string, string>>) => {
      const through = await inEnvironment(variables, file, "monitor", "--", ...SERVER);
      assert.deepEqual(sorted(through), sorted(await inEnvironment(variables, ...SERVER)));
    };
    await check({ ...plain, ...large, DENO_V8_FLAGS: "--no-such-flag" });
    // In several variables: nothing is lost, whatever a shell does with it.
    await check({ ...ENV, KM_HOME: plain.KM_HOME, PATH: plain.PATH, ...ODD_ENVIRONMENT, ...large });
    await editHeader(file, "/proc/$$/environ", "/prox/$$/environ");
    await check(plain);
    // No Node.js on PATH.
    await check({ ...plain, PATH: "/nonexistent" });
    await check({ ...plain, ...changed, DENO_DIR: "" });
  },
);

testUnless(NO_SH, "arguments and the bytes of stdin and stdout pass as they are", async () => {
  verifies("portable-untouched");
  using home = new TempFolder();
  const command = [await builtKm()];
  const words = ["", " ", "a  b", "*", "$HOME", "-n", "--", "it's", '"', "\\", "line\nline", "ünï"];
  const server = ["sh", "-c", `printf '[%s]' "$@"`, "sh", ...words];
  const echoed = await runKm(["monitor", "--", ...server], {
    home: home.path,
    env: ENV,
    command,
    ...PATIENCE,
  });
  assert.equal(echoed.out, words.map((word) => `[${word}]`).join(""));
  const stdin = new Uint8Array(300_000).map((_, i) => (i * 7919) >> 5);
  const { stdout, err } = await runKm(["monitor", "--", "cat"], {
    home: home.path,
    env: ENV,
    command,
    stdin,
    ...PATIENCE,
  });
  assert.equal(err, "");
  assert.deepEqual(Array.from(stdout), Array.from(stdin));
});

testUnless(NO_SH, "the exit code and the signal of the server's end are those of km", async () => {
  verifies("portable-untouched");
  using home = new TempFolder();
  const options = { home: home.path, env: ENV, command: [await builtKm()], ...PATIENCE };
  assert.equal((await runKm(["monitor", "--", "sh", "-c", "exit 7"], options)).code, 7);
  assert.equal((await runKm(["monitor", "--", "sh", "-c", "kill -KILL $$"], options)).signal, "SIGKILL");
  assert.equal((await runKm(["monitor", "--", "/nonexistent/server"], options)).code, 127);
  assert.equal((await runKm(["--no-such-flag"], options)).code, 2);
});

testUnless(NO_SH, "km is the process that was started, and a signal to it is one to km", async () => {
  verifies("portable-untouched");
  using home = new TempFolder();
  const server = ["sh", "-c", "trap 'echo got TERM; exit 3' TERM; echo $PPID; while :; do sleep 0.1; done"];
  await using km = new Running(["monitor", "--", ...server], {
    home: home.path,
    env: ENV,
    command: [await builtKm()],
  });
  const [parent] = await km.stdout.lineCount(1, 60_000);
  assert.equal(Number(parent), km.pid);
  km.kill("SIGTERM");
  await km.stdout.text("got TERM");
  assert.equal((await km.ended()).code, 3);
});

testUnless(
  LINUX,
  "umask, working directory, process group, descriptors and ignored signals are as without the header",
  async () => {
    verifies("portable-untouched");
    using home = new TempFolder();
    const server = [
      "sh",
      "-c",
      `umask; pwd; ls /proc/self/fd | wc -l; grep SigIgn /proc/self/status; cut -d' ' -f6 /proc/self/stat`,
    ];
    const script = `trap '' HUP USR1; umask 027; cd /usr; exec 7</dev/null; exec "$@"`;
    const run = (km: readonly string[]) =>
      runKm(["monitor", "--", ...server], {
        home: home.path,
        env: ENV,
        command: ["setsid", "sh", "-c", script, "sh", ...km],
        ...PATIENCE,
      });
    const [through, checkout] = [await run([await builtKm()]), await run(KM)];
    const withoutSession = (text: string) => text.trim().split("\n").slice(0, 4);
    assert.equal(through.err, "");
    assert.deepEqual(withoutSession(through.out), withoutSession(checkout.out));
    assert.deepEqual(withoutSession(through.out).slice(0, 2), ["0027", "/usr"]);
  },
);

testUnless(NO_SH, "a number that is none for Deno's threads stops none of km's", async () => {
  verifies("portable-untouched");
  using home = new TempFolder();
  const { code, out, err } = await runKm(["monitor", "--", "echo", "through"], {
    home: home.path,
    env: { ...ENV, DENO_TOKIO_EVENT_INTERVAL: "abc", DENO_TOKIO_MAX_IO_EVENTS_PER_TICK: "0" },
    command: [await builtKm()],
    ...PATIENCE,
  });
  assert.deepEqual([code, out, err], [0, "through\n", ""]);
});

testUnless(NO_SH, "a variable that changes what Deno does changes nothing of km", async () => {
  verifies("portable-untouched");
  using folder = new TempFolder();
  const log = `${folder.path}/log`;
  const env = {
    ...ENV,
    DENO_AUDIT_PERMISSIONS: log,
    DENO_COVERAGE_DIR: log,
    DENO_DONT_USE_INTERNAL_NODE_COMPAT_STATE_FD: "1",
    DENO_LOG: "debug",
    DENO_PERMISSION_BROKER_PATH: `${folder.path}/none`,
    DENO_TOKIO_EVENT_INTERVAL: "abc",
    DENO_TOKIO_MAX_IO_EVENTS_PER_TICK: "abc",
    DENO_V8_FLAGS: "--no-such-flag",
    NODE_V8_COVERAGE: log,
    OTEL_DENO: "true",
    RUST_LOG: "debug",
  };
  const { code, out, err } = await runKm(["--version"], {
    home: folder.path,
    env,
    command: [await builtKm()],
    ...PATIENCE,
  });
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^km \d/);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});
