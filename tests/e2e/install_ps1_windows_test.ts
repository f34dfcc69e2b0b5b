/** install.ps1, run: on Windows only, in Windows PowerShell 5.1 and in PowerShell 7 where it is there. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
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

  /** Runs the line of the README in a shell. */
  async install(shell: string, env: Record<string, string> = {}): Promise<{ code: number; text: string }> {
    return await power(shell, ["-Command", `irm '${this.server.baseUrl}/install.ps1' | iex`], {
      ...{ KM_INSTALL: this.bin, KM_NO_MODIFY_PATH: "1", KM_HOME: `${this.#temp.path}\\home` },
      ...env,
    });
  }

  /** Names in the folder, and what the files there say that they are. */
  async installed(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    const names = await Array.fromAsync(Deno.readDir(this.bin), ({ name }) => name).catch(() => []);
    for (const name of names.sort()) {
      const { stdout } = await new Deno.Command(`${this.bin}\\${name}`, { args: ["--version"] }).output();
      found[name] = new TextDecoder().decode(stdout).trim();
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
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
const FAULTS: Readonly<Record<string, { path: string; how: Misbehaviour; says: RegExp }>> = {
  "another manifest": {
    path: "/stable.json",
    how: { kind: "bytes", bytes: '{"type": "km release manifest"}\n' },
    says: /Cannot trust the release manifest: its signature is wrong/,
  },
  "no manifest": { path: "/stable.json", how: { kind: "missing" }, says: /Cannot download ".*stable\.json"/ },
  "another file": {
    path: `/km-9.2.0-${TARGET}`,
    how: { kind: "bytes", bytes: "MZ" },
    says: /Cannot use the download of .*: it has 2 bytes/,
  },
  "a cut connection": {
    path: `/km-9.2.0-${TARGET}`,
    how: { kind: "cut", afterBytes: 1000 },
    says: /Cannot (download|use the download of) /,
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
      for (const [name, { path, how, says }] of Object.entries(FAULTS)) {
        site.server.misbehave(path, how);
        const { code, text } = await site.install(shell);
        site.server.behave();
        ok(code !== 0, name);
        match(text, says, name);
        match(text, /km: error: .*\r?\nkm: hint: ./, name);
        deepEqual(await site.installed(), { "km.exe": "km 9.1.0" }, name);
      }
      await site.put("9.3.0", { now: new Date(2026, 0), expires: new Date(2026, 1) });
      match((await site.install(shell)).text, /Cannot trust the release manifest: it expired on 2026-/);
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
