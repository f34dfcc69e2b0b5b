/** install.ps1, run: on Windows only, in Windows PowerShell 5.1 and in PowerShell 7 where it is there. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { generateKey, type KeyPair } from "../../scripts/release/keys.ts";
import { putRelease, type TestRelease } from "../fakes/release_folder.ts";
import { type Misbehaviour, ReleaseServer } from "../fakes/release_server.ts";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { TempFolder } from "./harness.ts";

const TARGET = "x86_64-pc-windows-msvc";
const LIMIT_MS = 120_000;

/** A site with releases of stand-ins, and the folder that they are installed into. */
class Site implements AsyncDisposable {
  readonly #temp = new TempFolder();
  readonly folder = `${this.#temp.path}\\site`;
  readonly bin = `${this.#temp.path}\\bin`;
  readonly home = `${this.#temp.path}\\home`;
  readonly server: ReleaseServer;
  readonly #signer: KeyPair;

  private constructor(signer: KeyPair) {
    Deno.mkdirSync(this.folder);
    this.server = new ReleaseServer(this.folder);
    this.#signer = signer;
  }

  static async open(): Promise<Site> {
    return new Site(await generateKey());
  }

  async put(version: string, options: Partial<TestRelease> = {}): Promise<void> {
    const file = await standIn(this.#temp.path, version);
    const { baseUrl } = this.server;
    // ARM64 takes it too.
    await putRelease(this.folder, {
      version,
      baseUrl,
      signer: this.#signer,
      file,
      targets: [TARGET],
      ...options,
    });
  }

  /** Puts a program there that says that it is km, and was not put there by install.ps1. */
  async putForeign(): Promise<string> {
    await Deno.mkdir(this.bin, { recursive: true });
    const path = `${this.bin}\\km.exe`;
    await Deno.copyFile(await standIn(this.#temp.path, "1.0.0"), path);
    return path;
  }

  /** Runs the line of the README in a shell. */
  async install(shell: string, env: Record<string, string> = {}): Promise<{ code: number; text: string }> {
    return await power(shell, ["-Command", `irm '${this.server.baseUrl}/install.ps1' | iex`], this.#env(env));
  }

  /** Runs the saved file, whose exit code is km's. */
  async installFromFile(
    shell: string,
    words: readonly string[],
    env: Record<string, string> = {},
  ): Promise<{ code: number; text: string }> {
    return await this.runScript(shell, `${this.folder}\\install.ps1`, words, env);
  }

  async runScript(
    shell: string,
    path: string,
    words: readonly string[],
    env: Record<string, string> = {},
  ): Promise<{ code: number; text: string }> {
    return await power(shell, ["-File", path, ...words], this.#env(env));
  }

  #env(env: Record<string, string>): Record<string, string> {
    return { KM_INSTALL: this.bin, KM_NO_MODIFY_PATH: "1", KM_HOME: this.home, ...env };
  }

  /** Names in the folder, and what the files there say that they are. */
  async installed(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    const names = await Array.fromAsync(Deno.readDir(this.bin), ({ name }) => name).catch(() => []);
    for (const name of names.sort()) {
      if (!name.endsWith(".exe")) {
        found[name] = "";
        continue;
      }
      const { stdout } = await new Deno.Command(`${this.bin}\\${name}`, { args: ["--version"] }).output();
      found[name] = new TextDecoder().decode(stdout).trim();
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    const args = ["delete", "HKCU\\Software\\km-install", "/v", this.bin, "/f"];
    await new Deno.Command("reg", { args, stdout: "null", stderr: "null" }).output();
    this.#temp[Symbol.dispose]();
  }
}

async function power(
  shell: string,
  words: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; text: string }> {
  const args = ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", ...words];
  const options = { args, env, stdin: "null", signal: AbortSignal.timeout(LIMIT_MS) } as const;
  const { code, stdout, stderr } = await new Deno.Command(shell, options).output();
  return { code, text: [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("") };
}

/** A program that says that it is km. Windows PowerShell brings a compiler. */
async function standIn(folder: string, version: string): Promise<string> {
  const path = `${folder}\\stand-in-${version}.exe`;
  const source = `public class Km { public static int Main(string[] words) {
  if (words.Length != 1 || words[0] != "--version") return 3;
  System.Console.WriteLine("km ${version}"); return 0; } }`;
  const script =
    `Add-Type -TypeDefinition @'\n${source}\n'@ -OutputType ConsoleApplication -OutputAssembly '${path}'`;
  await Deno.writeTextFile(`${folder}\\stand-in.ps1`, script);
  const { code, text } = await power("powershell", ["-File", `${folder}\\stand-in.ps1`]);
  equal(code, 0, text);
  return path;
}

/** The user's Path as it is stored. */
async function storedPath(): Promise<string> {
  const { stdout } = await new Deno.Command("reg", { args: ["query", "HKCU\\Environment", "/v", "Path"] })
    .output();
  return new TextDecoder().decode(stdout);
}

/** What is wrong with a release, and what is said of it. */
const FAULTS: Readonly<Record<string, { path: string; how: Misbehaviour; says: RegExp; code: number }>> = {
  "another manifest": {
    path: "/stable.json",
    how: { kind: "bytes", bytes: '{"type": "km release manifest"}\n' },
    says: /Cannot trust the release manifest: its signature is wrong/,
    code: 23,
  },
  "no manifest": {
    path: "/stable.json",
    how: { kind: "missing" },
    says: /Cannot download ".*stable\.json"/,
    code: 24,
  },
  "a manifest that is too large": {
    path: "/stable.json",
    how: { kind: "bytes", bytes: " ".repeat(1_000_001) },
    says: /Cannot trust ".*stable\.json": it is larger than 1000000 bytes/,
    code: 23,
  },
  "a way to another address without https": {
    path: "/stable.json",
    how: { kind: "redirect", to: "http://192.0.2.1/stable.json" },
    says: /it leads to no address by https/,
    code: 24,
  },
  "another file": {
    path: `/km-9.2.0-${TARGET}`,
    how: { kind: "bytes", bytes: "MZ" },
    says: /Cannot use the download of .*: it has 2 bytes/,
    code: 24,
  },
  "a cut connection": {
    path: `/km-9.2.0-${TARGET}`,
    how: { kind: "cut", afterBytes: 1000 },
    says: /Cannot (download|use the download of) /,
    code: 24,
  },
};

for (const shell of ["powershell", "pwsh"]) {
  const missing = unlessOs("windows") ?? missingProgram(shell);

  testUnless(missing, `install.ps1 installs, updates and removes km in ${shell}`, async () => {
    verifies("install-powershell");
    await using site = await Site.open();
    await site.put("9.1.0");
    const dry = await site.install(shell, { KM_DRY_RUN: "1" });
    equal(dry.code, 0, dry.text);
    deepEqual(await site.installed(), {});
    const first = await site.install(shell);
    equal(first.code, 0, first.text);
    deepEqual(await site.installed(), { "km.exe": "km 9.1.0" });
    match((await site.install(shell)).text, /km 9\.1\.0 is installed already/);
    await site.put("9.2.0");
    equal((await site.install(shell)).code, 0);
    deepEqual(await site.installed(), { "km.exe": "km 9.2.0", "km.previous.exe": "km 9.1.0" });
    const older = await site.install(shell, { KM_VERSION: "9.1.0" });
    equal(older.code, 0, older.text);
    deepEqual(await site.installed(), { "km.exe": "km 9.1.0", "km.previous.exe": "km 9.2.0" });
    const removed = await site.install(shell, { KM_UNINSTALL: "1" });
    equal(removed.code, 0, removed.text);
    deepEqual(await site.installed(), {});
  });

  testUnless(
    missing,
    `install.ps1 leaves what works alone when a release is wrong, in ${shell}`,
    async () => {
      verifies("install-powershell");
      await using site = await Site.open();
      await site.put("9.1.0");
      equal((await site.install(shell)).code, 0);
      await site.put("9.2.0");
      for (const [name, { path, how, says, code }] of Object.entries(FAULTS)) {
        site.server.misbehave(path, how);
        const piped = await site.install(shell);
        const { code: ended, text } = await site.installFromFile(shell, []);
        site.server.behave();
        ok(piped.code !== 0, name);
        match(piped.text, says, name);
        equal(ended, code, name);
        match(text, says, name);
        match(text, /km: error: .*\r?\nkm: hint: ./, name);
        deepEqual(await site.installed(), { "km.exe": "km 9.1.0" }, name);
      }
      await site.put("9.3.0", { now: new Date(2026, 0), expires: new Date(2026, 1) });
      match((await site.install(shell)).text, /Cannot trust the release manifest: it expired on 2026-/);
      for (const ending of ["", ".sig", ".sshsig"]) {
        site.server.misbehave(`/stable.json${ending}`, { kind: "redirect", to: `/v9.1.0.json${ending}` });
      }
      const served = await site.installFromFile(shell, []);
      site.server.behave();
      equal(served.code, 23, served.text);
      match(served.text, /it is of version "9\.1\.0" and channel "", which was not asked for/);
      for (const version of ["v", "1.2", "stable"]) {
        equal((await site.installFromFile(shell, [], { KM_VERSION: version })).code, 2, version);
      }
      deepEqual(await site.installed(), { "km.exe": "km 9.1.0" });
    },
  );

  testUnless(missing, `install.ps1 tries three times, in ${shell}`, async () => {
    verifies("install-powershell");
    await using site = await Site.open();
    await site.put("9.1.0");
    site.server.misbehave("/stable.json", { kind: "status", status: 503 }, 2);
    const { code, text } = await site.install(shell);
    equal(code, 0, text);
    equal(site.server.requests.filter((path) => path === "/stable.json").length, 3);
  });

  testUnless(
    missing,
    `install.ps1 neither starts nor replaces nor removes another km.exe, in ${shell}`,
    async () => {
      verifies("install-powershell");
      await using site = await Site.open();
      await site.put("9.1.0");
      const path = await site.putForeign();
      for (const words of [[], ["-Uninstall"]]) {
        const { code, text } = await site.installFromFile(shell, words);
        equal(code, 25, text);
        match(text, /install\.ps1 did not put it there/);
      }
      ok((await Deno.stat(path)).isFile);
    },
  );

  testUnless(
    missing,
    `install.ps1 removes of a project's folder what is km's alone, in ${shell}`,
    async () => {
      verifies("install-powershell");
      await using site = await Site.open();
      await site.put("9.1.0");
      equal((await site.install(shell)).code, 0);
      const copy = `${site.home}\\runtime\\deno-2.9.6-${TARGET}`;
      await Deno.mkdir(copy, { recursive: true });
      for (
        const path of [`${copy}\\deno.exe`, `${site.home}\\runtime\\lock`, `${site.bin}\\km.update-lock.exe`]
      ) {
        await Deno.writeTextFile(path, "");
      }
      const others = [`${site.home}\\runtime\\main.c`, `${site.home}\\update.json`];
      for (const path of others) await Deno.writeTextFile(path, '{"theirs": true}');
      const old = `${site.bin}\\.km-new-0123456789abcdef`;
      await Deno.mkdir(old);
      await Deno.utime(old, new Date(0), new Date(0));
      const { code, text } = await site.installFromFile(shell, ["-Uninstall"]);
      equal(code, 0, text);
      for (const path of others) equal(await Deno.readTextFile(path), '{"theirs": true}');
      deepEqual(await Array.fromAsync(Deno.readDir(`${site.home}\\runtime`), ({ name }) => name), ["main.c"]);
      await rejects(Deno.stat(site.bin), Deno.errors.NotFound);
      match(text, /what km recorded stays in .*; to delete it/);
    },
  );

  testUnless(missing, `install.ps1 keeps no broken file as the previous version, in ${shell}`, async () => {
    verifies("install-powershell");
    await using site = await Site.open();
    await site.put("9.1.0");
    equal((await site.install(shell)).code, 0);
    // Bytes behind a program's end change nothing but its hash.
    await Deno.writeFile(`${site.bin}\\km.exe`, new Uint8Array(16), { append: true });
    const { code, text } = await site.install(shell);
    equal(code, 0, text);
    deepEqual(await site.installed(), { "km.exe": "km 9.1.0" });
  });

  testUnless(
    missing,
    `install.ps1 refuses a folder that everybody may write, or no Path can name, in ${shell}`,
    async () => {
      verifies("install-powershell");
      await using site = await Site.open();
      await site.put("9.1.0");
      await Deno.mkdir(site.bin);
      const args = [site.bin, "/grant", "*S-1-5-32-545:(OI)(CI)M"];
      equal((await new Deno.Command("icacls", { args, stdout: "null" }).output()).code, 0);
      const { code, text } = await site.installFromFile(shell, []);
      equal(code, 23, text);
      match(text, /other users of this machine may write into it/);
      for (const name of ["a;b", "a%b", "Z:\\"]) {
        const refused = await site.installFromFile(shell, [], {
          KM_INSTALL: name.includes(":") ? name : `${site.bin}\\${name}`,
        });
        equal(refused.code, 2, refused.text);
      }
      deepEqual(await site.installed(), {});
    },
  );

  testUnless(
    missing,
    `install.ps1 piped into a script takes none of its arguments, in ${shell}`,
    async () => {
      verifies("install-powershell");
      await using site = await Site.open();
      await site.put("9.1.0");
      const around = `${site.folder}\\around.ps1`;
      await Deno.writeTextFile(around, `irm '${site.server.baseUrl}/install.ps1' | iex\n"and on"\n`);
      const { code, text } = await site.runScript(shell, around, ["-Uninstall"]);
      equal(code, 0, text);
      match(text, /installed km 9\.1\.0[^]*and on/);
    },
  );

  testUnless(
    missing,
    `install.ps1 adds its folder to the Path once and takes it out again, in ${shell}`,
    async () => {
      verifies("install-powershell");
      await using site = await Site.open();
      await site.put("9.1.0");
      const before = await storedPath();
      for (const _ of [1, 2]) equal((await site.install(shell, { KM_NO_MODIFY_PATH: "" })).code, 0);
      equal((await storedPath()).split(site.bin).length, 2);
      equal((await site.install(shell, { KM_NO_MODIFY_PATH: "", KM_UNINSTALL: "1" })).code, 0);
      equal(await storedPath(), before);
    },
  );
}
