/** What a plugin's author types: new, test, dev, build, keygen, sign, verify. Everything runs in the real sandbox. */
import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { type Ended, runKm, Running, TempFolder, until } from "./harness.ts";

const START_MS = 60_000;

interface Tried {
  readonly type: string;
  readonly seen?: boolean;
  readonly failed?: string | null;
  readonly happenings?: readonly {
    readonly kind: string;
    readonly permission?: string;
    readonly text?: string;
  }[];
  readonly totals?: Readonly<Record<string, number>>;
  readonly problem?: string | null;
}

async function km(work: TempFolder, ...args: string[]): Promise<Ended> {
  return await runKm(["plugins", ...args], {
    home: `${work.path}/home`,
    cwd: work.path,
    timeoutMs: START_MS,
  });
}

async function must(work: TempFolder, ...args: string[]): Promise<string> {
  const { code, out, err } = await km(work, ...args);
  assert.equal(code, 0, err);
  return out;
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await Deno.writeTextFile(path, change(await Deno.readTextFile(path)));
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Puts a statement at the start of the template's `onMessage`. */
async function insert(path: string, statement: string): Promise<void> {
  await edit(path, (text) => {
    const changed = text.replace(/(onMessage\(message, .*\{\n)/, `$1    ${statement}\n`);
    assert.notEqual(changed, text);
    return changed;
  });
}

function tried(out: string): Tried[] {
  return out.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Tried);
}

Deno.test("km plugins new makes a folder that builds and passes, and never writes over one", async () => {
  verifies("plugins-author-commands");
  using work = new TempFolder();
  const { folder, files } = JSON.parse(await must(work, "new", "slow-calls", "--json")) as {
    folder: string;
    files: string[];
  };
  assert.equal(folder, `${await Deno.realPath(work.path)}/slow-calls`);
  for (
    const file of [
      "plugin.ts",
      "km.plugin.jsonc",
      "plugin_test.ts",
      "fixture.jsonl",
      "README.md",
      "deno.json",
    ]
  ) {
    assert.ok(files.includes(file), file);
  }
  const own = await new Deno.Command(Deno.execPath(), { args: ["test"], cwd: folder, env: { NO_COLOR: "1" } })
    .output();
  assert.equal(own.code, 0, new TextDecoder().decode(own.stdout));
  const again = await km(work, "new", "slow-calls");
  assert.equal(again.code, 2);
  assert.match(again.err, /"slow-calls" is there already: nothing was written\nkm: hint: take another name/);
  const wrong = await km(work, "new", "../evil");
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /cannot be called "\.\.\/evil"/);
});

Deno.test("km plugins test shows what a plugin emitted, logged and was denied, and fails when it fails", async () => {
  verifies("plugins-author-commands", "plugin-refusals-shown");
  using work = new TempFolder();
  await must(work, "new", "slow-calls");
  const fine = tried(await must(work, "test", "slow-calls", "--json"));
  assert.deepEqual(fine.at(-1)?.totals, {
    messages: 4,
    seen: 4,
    failed: 0,
    findings: 1,
    metrics: 2,
    annotations: 0,
    logs: 1,
    refused: 0,
  });
  assert.match(await must(work, "test", "slow-calls"), /finding info crawl is slow\n +It took 2500 ms/);

  const source = `${work.path}/slow-calls/plugin.ts`;
  await insert(source, `fetch("https://api.example.com").catch(() => log.info("no"));`);
  const denied = tried(await must(work, "test", "slow-calls", "--json"));
  const refused = denied.flatMap(({ happenings = [] }) => happenings).filter(({ kind }) =>
    kind === "refused"
  );
  assert.ok(refused.some(({ permission }) => permission === "net"), JSON.stringify(refused));

  await insert(source, `if (message.event.tool === "crawl") throw new Error("I am broken");`);
  const broken = await km(work, "test", "slow-calls");
  assert.equal(broken.code, 27);
  assert.match(broken.out, /failed .*I am broken/);
  assert.match(broken.out, /2 failed/);

  await insert(source, `while (Date.now() > 0);`);
  const stuck = await km(work, "test", "slow-calls");
  assert.equal(stuck.code, 27);
  assert.match(stuck.out, /^1 .*\n {4}failed .*took longer than/m);
  assert.match(
    stuck.out,
    /^1 of 4 messages given; 1 failed; 0 findings, 0 metrics, .*\n.*, over message 1$/m,
  );
});

Deno.test("km plugins test replays recorded traffic, chosen by server", async () => {
  verifies("plugins-author-commands");
  using work = new TempFolder();
  await must(work, "new", "slow-calls");
  const nothing = await km(work, "test", "slow-calls", "--recorded");
  assert.equal(nothing.code, 3);
  assert.match(nothing.err, /No recorded message .*\nkm: hint: nothing recorded yet/);

  await Deno.writeTextFile(
    `${work.path}/server.mjs`,
    READER + `for await (const line of lines()) {
    console.log(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(line).id, result: { content: [] } }));
  }`,
  );
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "look", arguments: {} } };
  const options = { home: `${work.path}/home`, timeoutMs: START_MS };
  const command = [Deno.execPath(), "run", `${work.path}/server.mjs`];
  const recorded = await runKm(["monitor", "--name", "real", "--", ...command], {
    ...options,
    stdin: `${JSON.stringify(call)}\n`,
  });
  assert.equal(recorded.code, 0, recorded.err);
  const replayed = tried(await must(work, "test", "slow-calls", "--server", "real", "--json"));
  assert.equal(replayed.at(-1)?.totals?.["metrics"], 1, JSON.stringify(replayed));
  const other = await km(work, "test", "slow-calls", "--server", "other");
  assert.equal(other.code, 3);
});

Deno.test("km plugins test names the line of a fixture that is wrong", async () => {
  using work = new TempFolder();
  await must(work, "new", "slow-calls");
  await Deno.writeTextFile(`${work.path}/f.jsonl`, `{"kind":"request"}\n{"kind":"what"}\n`);
  const { code, err } = await km(work, "test", "slow-calls", "--events", "f.jsonl");
  assert.equal(code, 2);
  assert.match(err, /f\.jsonl:2: "kind" must be one of request, response/);
});

Deno.test("km plugins build makes the same bytes of the same sources, and says what is wrong with others", async () => {
  verifies("plugins-author-commands");
  using work = new TempFolder();
  await must(work, "new", "slow-calls");
  const folder = `${work.path}/slow-calls`;
  const build = (...more: string[]) => must(work, "build", "slow-calls", "--json", ...more);
  const one = JSON.parse(await build()) as Record<string, unknown>;
  const two = JSON.parse(await build("--out", "other.kmpkg", "--no-check")) as Record<string, unknown>;
  assert.equal(one["sha256"], two["sha256"]);
  assert.deepEqual([one["typesChecked"], two["typesChecked"], one["by"]], [true, false, "km"]);

  const source = await Deno.readTextFile(`${folder}/plugin.ts`);
  const manifest = await Deno.readTextFile(`${folder}/km.plugin.jsonc`);
  for (
    const [name, text, code, message] of [
      [
        "plugin.ts",
        source.replace("const ms = ", "const ms: string = "),
        27,
        /types of plugin\.ts do not fit\n {2}TS2322[^]*\n {2}Found 3 errors\.\nkm: hint: mend them/,
      ],
      [
        "plugin.ts",
        `import fs from "node:fs";\n${source}fs.readFileSync("x");`,
        27,
        /imports "node:fs"\nkm: hint: the sandbox/,
      ],
      [
        "plugin.ts",
        `${source}\nawait import("./sdk/mod.ts");`,
        27,
        /imports "\.\/sdk\/mod\.ts" while it runs\nkm: hint: .*import it at the top/,
      ],
      [
        "plugin.ts",
        `${source}\nawait import("./" + Date.now());`,
        27,
        /imports something .* while it runs\nkm: hint: .*import it at the top/,
      ],
      ["plugin.ts", `import "./none.ts";\n${source}`, 27, /none\.ts[^]*\nkm: hint: mend/],
      ["plugin.ts", "", 27, /default export is no plugin.*\nkm: hint: nothing was packed/],
      ["plugin.ts", "export default 5;", 27, /default export is no plugin/],
      ["plugin.ts", source.replace('"0.1.0"', '"0.1.1"'), 27, /its code says it is "slow-calls" 0\.1\.1/],
      ["plugin.ts", `${source}\nthrow new Error("boom");`, 27, /boom/],
      [
        "km.plugin.jsonc",
        manifest.replace('"version"', '"expires": "2020-01-01T00:00:00Z", "version"'),
        2,
        /expired on 2020-01-01T00:00:00Z, so nobody could run it\nkm: hint: set "expires"/,
      ],
      [
        "km.plugin.jsonc",
        manifest.replace('"version"', '"protocol": [9], "version"'),
        2,
        /"protocol" says 9, so nobody could run it\nkm: hint: this km speaks 1 and 2/,
      ],
      ["plugin.ts", `${source}\nconst = 1;`, 27, /Cannot read plugin\.ts:\d+:\d+: /],
      ["km.plugin.jsonc", manifest.replace('"net": []', '"run": ["sh"]'), 2, /Cannot pack the manifest/],
      [
        "km.plugin.jsonc",
        manifest.replace('"net": []', '"net": ["127.0.0.1:80"]'),
        2,
        /Cannot pack the manifest/,
      ],
      ["km.plugin.jsonc", "{", 2, /Cannot read ".*km\.plugin\.jsonc": /],
    ] as const
  ) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    const built = await km(work, "build", "slow-calls");
    assert.equal(built.code, code, built.err);
    assert.match(built.err, message);
    await Deno.writeTextFile(`${folder}/plugin.ts`, source);
    await Deno.writeTextFile(`${folder}/km.plugin.jsonc`, manifest);
  }
  const none = await km(work, "build");
  assert.equal(none.code, 3);
  assert.match(none.err, /there is no plugin\.ts\nkm: hint: .*km plugins new/);
});

Deno.test("km plugins build joins several files by deno bundle", async () => {
  using work = new TempFolder();
  await must(work, "new", "slow-calls");
  const folder = `${work.path}/slow-calls`;
  await Deno.writeTextFile(`${folder}/words.ts`, `export const WORDS: string = "from another file";`);
  await edit(`${folder}/plugin.ts`, (text) => `import { WORDS } from "./words.ts";\n${text}`);
  await insert(`${folder}/plugin.ts`, "log.info(WORDS);");
  const built = JSON.parse(await must(work, "build", "slow-calls", "--json")) as {
    by: string;
    sha256: string;
  };
  assert.equal(built.by, "deno bundle");
  const again = JSON.parse(await must(work, "build", "slow-calls", "--json")) as { sha256: string };
  assert.equal(again.sha256, built.sha256);
  assert.match(await must(work, "test", "slow-calls"), /info from another file/);
});

testUnless(
  unlessOs("linux", "darwin"),
  "km plugins keygen, sign and verify: a package from its key to its proof",
  async () => {
    verifies("plugins-author-commands");
    using work = new TempFolder();
    const first = JSON.parse(await must(work, "keygen", "a.key", "--json")) as {
      fingerprint: string;
      alg: string;
    };
    assert.equal(first.alg, "Ed25519");
    assert.equal(((await Deno.stat(`${work.path}/a.key`)).mode ?? 0) & 0o777, 0o600);
    const secret = await Deno.readTextFile(`${work.path}/a.key`);
    const again = await km(work, "keygen", "a.key");
    assert.equal(again.code, 2);
    assert.match(again.err, /never written over another/);
    assert.equal(await Deno.readTextFile(`${work.path}/a.key`), secret);
    const rsa = JSON.parse(await must(work, "keygen", "r.key", "--alg", "rsa", "--json")) as { alg: string };
    assert.equal(rsa.alg, "RSA-PSS-4096");

    await must(work, "new", "slow-calls");
    await must(work, "build", "slow-calls", "--no-check", "--out", "p.kmpkg");
    const unsigned = await km(work, "verify", "p.kmpkg");
    assert.equal(unsigned.code, 23);
    assert.match(unsigned.out, /not signed/);
    assert.equal((await km(work, "sign", "p.kmpkg")).code, 2);
    const half = await km(work, "sign", "p.kmpkg", "--key", "a.key.pub");
    assert.equal(half.code, 2);
    assert.match(half.err, /is the public half of a key\nkm: hint: .*: --key \S*a\.key\n$/);
    await must(work, "sign", "p.kmpkg", "--key", "a.key");
    assert.match(
      await must(work, "verify", "p.kmpkg"),
      new RegExp(`signed by ${first.fingerprint} \\(Ed25519\\)`),
    );
    await must(work, "verify", "p.kmpkg", "--key", "a.key.pub");
    const wrong = await km(work, "verify", "p.kmpkg", "--key", "r.key.pub");
    assert.equal(wrong.code, 23);
    assert.match(wrong.err, /not signed by the key/);
    await must(work, "sign", "p.kmpkg", "--key", "r.key");
    const both = JSON.parse(await must(work, "verify", "p.kmpkg", "--json")) as { signatures: unknown[] };
    assert.equal(both.signatures.length, 2);

    const bytes = await Deno.readFile(`${work.path}/p.kmpkg`);
    const at = new TextDecoder("latin1").decode(bytes).indexOf("is slow");
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await Deno.writeFile(`${work.path}/p.kmpkg`, bytes);
    const tampered = await km(work, "verify", "p.kmpkg", "--json");
    assert.equal(tampered.code, 23);
    assert.match(tampered.err, /"plugin\.js" was changed/);
    await Deno.chmod(`${work.path}/a.key`, 0o644);
    assert.match((await km(work, "sign", "p.kmpkg", "--key", "a.key")).err, /other users can read it/);
  },
);

Deno.test("km plugins dev builds and runs the plugin anew at every save", async () => {
  verifies("plugins-author-commands");
  using work = new TempFolder();
  await must(work, "new", "slow-calls");
  const source = `${work.path}/slow-calls/plugin.ts`;
  await using dev = new Running(["plugins", "dev", "slow-calls"], {
    home: `${work.path}/home`,
    cwd: work.path,
  });
  await dev.stdout.text("finding info crawl is slow", START_MS);
  const good = await Deno.readTextFile(source);
  await Deno.writeTextFile(source, "const = 1;");
  await dev.stdout.text("waiting for the next save", START_MS);
  await Deno.writeTextFile(source, good.replace("is slow", "is a snail"));
  await dev.stdout.text("finding info crawl is a snail", START_MS);
  if (Deno.build.os === "windows") return;
  dev.kill("SIGINT");
  const { code } = await dev.ended();
  assert.equal(code, 0);
  await dev.noneLeft();
});

testUnless(
  unlessOs("linux", "darwin"),
  "km plugins dev ends at once, also while a plugin that never comes to an end is loaded",
  async () => {
    using work = new TempFolder();
    await must(work, "new", "slow-calls");
    await edit(`${work.path}/slow-calls/plugin.ts`, (text) => `for (;;);\n${text}`);
    const home = `${work.path}/home`;
    await using dev = new Running(["plugins", "dev", "slow-calls"], { home, cwd: work.path });
    // What the sandbox begins with is put there just before its process is started.
    await until(() => isThere(`${home}/runtime`), () => "a sandbox that is started", START_MS);
    dev.kill("SIGINT");
    // Half of what a plugin may take to be loaded.
    assert.equal((await dev.ended(START_MS / 2)).code, 0);
    await dev.noneLeft();
  },
);

/** Lines of stdin, in a server of a few lines. */
const READER = `async function* lines() {
  let rest = "";
  for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split("\\n");
    rest = parts.pop();
    yield* parts;
  }
}
`;

Deno.test("km plugins dev --live gives what km records from now on", async () => {
  using work = new TempFolder();
  await must(work, "new", "slow-calls");
  await Deno.writeTextFile(
    `${work.path}/server.mjs`,
    `${READER}for await (const line of lines()) console.log(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(line).id, result: {} }));`,
  );
  const home = `${work.path}/home`;
  await using dev = new Running(["plugins", "dev", "slow-calls", "--live"], { home, cwd: work.path });
  await dev.stdout.text("slow-calls 0.1.0 runs", START_MS);
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "look", arguments: {} } };
  const server = [Deno.execPath(), "run", `${work.path}/server.mjs`];
  const { code, err } = await runKm(["monitor", "--", ...server], {
    home,
    stdin: `${JSON.stringify(call)}\n`,
    timeoutMs: START_MS,
  });
  assert.equal(code, 0, err);
  await dev.stdout.text("metric call", START_MS);
});

Deno.test("km plugins --help names what authors use", async () => {
  using work = new TempFolder();
  const { out } = await km(work, "--help");
  for (const word of ["new", "dev", "test", "build", "keygen", "sign", "verify"]) {
    assert.match(out, new RegExp(`^ +${word} `, "m"));
  }
});
