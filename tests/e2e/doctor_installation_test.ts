/** What `km doctor` says of the km that runs: which one, what else is on PATH, the Deno for plugins, a newer release, what was left behind. */
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { builtKm } from "../built.ts";
import { testKey } from "../fakes/test_release_key.ts";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { alone, doctor, type ReportedCheck } from "./doctor.ts";
import { ROOT, runKm, TempFolder } from "./harness.ts";

const PORTABLE = unlessOs("linux", "darwin");
/** Unpacked files of all tests: 100 MB for each build, so they share them. */
const UNPACKED = fileURLToPath(new URL("../../.cache/tests/xdg", import.meta.url));
const OLD_SCRIPT =
  "#!/bin/sh\n# km 0.0.9 for x86_64-unknown-linux-gnu: as the portable file begins\nexit 1\n";

/** A km as it is installed: a portable file in a folder of its own. */
class InstalledKm {
  readonly #folder = new TempFolder();
  readonly path: string = this.#folder.path;
  readonly home: string = `${this.path}/home`;
  readonly bin: string = `${this.path}/bin`;
  readonly file: string = `${this.bin}/km`;
  readonly #env = { ...alone(this.path), XDG_CACHE_HOME: UNPACKED };

  private constructor(built: string) {
    Deno.mkdirSync(this.home, { mode: 0o700 });
    Deno.mkdirSync(this.bin);
    Deno.copyFileSync(built, this.file);
  }

  static async create(): Promise<InstalledKm> {
    return new InstalledKm(
      await builtKm({
        version: "0.1.0",
        baseUrl: "https://km.invalid/releases",
        releaseKeys: [testKey(1).key, testKey(2).key],
      }),
    );
  }

  /** The check called `name`, with `folders` before the system's on PATH. */
  async check(name: string, folders: readonly string[] = [this.bin], env = {}): Promise<ReportedCheck> {
    const { check } = await this.doctor([name], folders, env);
    ok(check, `no check ${name}`);
    return check;
  }

  async doctor(
    args: readonly string[],
    folders: readonly string[] = [this.bin],
    env: Readonly<Record<string, string>> = {},
    file = this.file,
  ): Promise<{ check: ReportedCheck | undefined; code: number }> {
    const PATH = [...folders, "/usr/bin", "/bin"].join(":");
    const options = { home: this.home, env: { ...this.#env, PATH, ...env }, command: [file] };
    const { checks, code } = await doctor(args, options);
    return { check: [...checks.values()][0], code };
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

Deno.test("km doctor in a checkout says so, and that it does not update itself", async () => {
  verifies("doctor-installation");
  using folder = new TempFolder();
  const { checks } = await doctor([], { home: `${folder.path}/km`, env: alone(folder.path) });
  const said = (name: string) => [checks.get(name)?.status, checks.get(name)?.detail];
  const [status, detail] = said("file");
  equal(status, "ok");
  match(detail ?? "", /^checkout .*main\.ts, km [\d.]+/);
  deepStrictEqual(said("update"), ["ok", "a checkout does not update itself: git pull does"]);
  match(said("plugins.runtime")[1] ?? "", /^Deno [\d.]+, the one that km runs on: /);
  equal(said("path.copies")[0], "ok");
  deepStrictEqual([...checks.keys()][0], "file");
});

testUnless(PORTABLE, "km doctor uses KM_DENO, and fails when it will not do", async () => {
  verifies("doctor-installation", "runtime-order");
  using folder = new TempFolder();
  const ask = async (path: string) => {
    const env = { ...alone(folder.path), KM_DENO: path };
    const { checks, code } = await doctor(["plugins.runtime"], { home: `${folder.path}/km`, env });
    return { ...checks.get("plugins.runtime"), code };
  };
  const good = await ask(Deno.execPath());
  deepStrictEqual([good.status, good.code], ["ok", 0]);
  match(good.detail ?? "", /named by KM_DENO: /);
  const bad = await ask("/usr/bin/env");
  deepStrictEqual([bad.status, bad.code], ["fail", 20]);
  match(
    bad.detail ?? "",
    /plugins are off: KM_DENO is \/usr\/bin\/env, and "deno --version" is not what it answers to/,
  );
  match(bad.hint ?? "", /or unset it$/);
});

testUnless(
  PORTABLE,
  "km doctor of a portable file names file, kind, version and target, and the Deno that plugins get",
  async () => {
    verifies("doctor-installation", "runtime-order");
    using km = await InstalledKm.create();
    const file = await km.check("file");
    deepStrictEqual([file.status, file.detail], [
      "ok",
      `portable file ${km.file}, km 0.1.0, for ${Deno.build.target}`,
    ]);
    const runtime = await km.check("plugins.runtime");
    equal(runtime.status, "ok");
    match(runtime.detail, /^Deno [\d.]+, the one that km runs on: .*\/xdg\/km\/[0-9a-f]{32}\/deno$/);
  },
);

testUnless(
  PORTABLE,
  "km doctor warns when others can write the file that runs, and --fix ends that",
  async () => {
    verifies("doctor-installation", "doctor-fix");
    using km = await InstalledKm.create();
    Deno.chmodSync(km.file, 0o777);
    const open = await km.check("file");
    equal(open.status, "warn");
    match(open.detail, /others can write .*\/bin\/km, and so decide what runs as you$/);
    const { check } = await km.doctor(["--fix", "--yes", "file"]);
    deepStrictEqual([check?.status, (Deno.statSync(km.file).mode ?? 0) & 0o777], ["ok", 0o755]);
  },
);

testUnless(PORTABLE, "km doctor says which km a bare km starts, and which copies it hides", async () => {
  verifies("doctor-installation");
  using km = await InstalledKm.create();
  const other = `${km.path}/other`;
  Deno.mkdirSync(other);
  const said = async (...folders: string[]) => {
    const { status, detail, hint } = await km.check("path.copies", folders);
    return [status, detail, hint] as const;
  };
  deepStrictEqual(await said(km.bin), ["ok", `"km" starts this one: ${km.file}`, null]);
  const [status, detail, hint] = await said(other);
  deepStrictEqual([status, hint], ["warn", `export PATH="${km.bin}:$PATH"`]);
  match(detail, /^no "km" on PATH; /);

  Deno.symlinkSync(km.file, `${other}/km`);
  equal((await said(other, km.bin))[0], "ok", "a link to it is no other one");
  Deno.removeSync(`${other}/km`);

  Deno.writeTextFileSync(`${other}/km`, OLD_SCRIPT, { mode: 0o755 });
  deepStrictEqual((await said(km.bin, other)).slice(0, 2), [
    "warn",
    `"km" starts this one, ${km.file}; it hides ${other}/km (km 0.0.9)`,
  ]);
  deepStrictEqual((await said(other, km.bin)).slice(0, 2), [
    "warn",
    `"km" starts ${other}/km (km 0.0.9), not this ${km.file}, which comes later on PATH`,
  ]);
  Deno.writeTextFileSync(`${other}/km`, `#!/bin/sh\nexec deno run '${ROOT}main.ts' "$@"\n`);
  match((await said(km.bin, other))[1], /hides .*\/other\/km \(runs a checkout\)$/);
});

testUnless(
  PORTABLE,
  "km doctor of a file that is not called km says how it becomes one, and that works",
  async () => {
    verifies("doctor-installation");
    using km = await InstalledKm.create();
    const downloaded = `${km.path}/km-0.1.0-${Deno.build.target}`;
    Deno.renameSync(km.file, downloaded);
    const { check } = await km.doctor(["path.copies"], [km.path], {}, downloaded);
    equal(check?.status, "warn");
    const line = `${check?.hint} && km --version`;
    const env = { ...alone(km.path), XDG_CACHE_HOME: UNPACKED };
    const { out } = await runKm(["-c", line], { home: km.home, env, command: ["sh"] });
    equal(out, "km 0.1.0\n");
  },
);

testUnless(
  PORTABLE ?? missingProgram("cc"),
  "km doctor asks another program called km for its version, unless others could have put it there",
  async () => {
    verifies("doctor-installation");
    using km = await InstalledKm.create();
    const other = `${km.path}/other`;
    Deno.mkdirSync(other);
    const source = `${km.path}/km.c`;
    Deno.writeTextFileSync(source, `#include <stdio.h>\nint main(void){puts("km 9.9.9");}`);
    const { success } = await new Deno.Command("cc", { args: ["-o", `${other}/km`, source] }).output();
    ok(success);
    match((await km.check("path.copies", [km.bin, other])).detail, /hides .*\/other\/km \(km 9\.9\.9\)$/);
    Deno.chmodSync(`${other}/km`, 0o777);
    match((await km.check("path.copies", [km.bin, other])).detail, /hides .*\/other\/km$/);
  },
);

testUnless(PORTABLE, "km doctor warns of a start-up file that puts a folder without km on PATH", async () => {
  verifies("doctor-installation");
  using km = await InstalledKm.create();
  const profile = `${km.path}/.bashrc`;
  const write = (folder: string) =>
    Deno.writeTextFileSync(
      profile,
      `alias ll='ls -l'\n# km: begin\ncase ":$PATH:" in *":${folder}:"*) ;; *) export PATH="${folder}:$PATH" ;; esac\n# km: end\n`,
    );
  write("$HOME/bin");
  equal((await km.doctor(["file"])).check?.status, "ok");
  equal((await km.doctor(["path.profile"])).code, 2, "there is no such check while all is well");
  write("$HOME/gone \\$x");
  const { status, detail, hint } = await km.check("path.profile");
  equal(status, "warn");
  equal(detail, `${profile} puts ${km.path}/gone $x on PATH, where there is no km`);
  match(hint ?? "", /remove the lines from "# km: begin" to "# km: end" in /);
});

testUnless(
  PORTABLE,
  "km doctor tells of a release that the daily look saw, without asking the network",
  async () => {
    verifies("doctor-installation");
    using km = await InstalledKm.create();
    const said = async () => {
      const { status, detail, hint } = await km.check("update");
      return [status, detail, hint];
    };
    deepStrictEqual(await said(), ["ok", "not looked yet; km update --check does", null]);
    const state = (version: string) => {
      const seen = { stable: { version, published: "2026-11-20T00:00:00Z" } };
      Deno.writeTextFileSync(
        `${km.home}/update.json`,
        JSON.stringify({ checkedAt: "2026-11-21T10:00:00Z", seen }),
      );
    };
    state("0.2.0");
    deepStrictEqual(await said(), [
      "warn",
      "km 0.2.0 is out, this is 0.1.0 (looked on 2026-11-21)",
      "km update",
    ]);
    state("0.1.0");
    deepStrictEqual(await said(), ["ok", "none is pending (looked on 2026-11-21)", null]);
  },
);

testUnless(
  PORTABLE,
  "km doctor --fix removes what an installation or update left that was cut off an hour ago, and nothing else",
  async () => {
    verifies("doctor-installation", "doctor-fix");
    using km = await InstalledKm.create();
    const names = () => [...Deno.readDirSync(km.bin)].map(({ name }) => name).sort();
    const dead = `${km.bin}/.km-new-0123abcd`;
    for (const folder of [dead, `${km.bin}/.km-new-aB3dE6`]) {
      Deno.mkdirSync(folder, { mode: 0o700 });
      Deno.writeTextFileSync(`${folder}/km`, "half of it");
    }
    for (const name of ["km.previous", "km.notes"]) Deno.writeTextFileSync(`${km.bin}/${name}`, "");
    equal(
      (await km.doctor(["update.leftovers"])).code,
      2,
      "there is no such check while somebody is at work",
    );

    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    for (const path of [`${dead}/km`, dead]) Deno.utimeSync(path, longAgo, longAgo);
    const left = await km.check("update.leftovers");
    deepStrictEqual([left.status, left.detail], [
      "warn",
      `${dead}: an installation or update was cut off`,
    ]);
    const { check } = await km.doctor(["--fix", "--yes", "update.leftovers"]);
    equal(check?.fixed, `removed ${dead}`);
    deepStrictEqual(names(), [".km-new-aB3dE6", "km", "km.notes", "km.previous"]);
  },
);
