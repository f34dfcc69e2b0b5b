/** What the tests of install.sh share: a site that serves a release, and people with homes of their own. @module */
import { createHash } from "node:crypto";
import { generateKey, type KeyPair } from "../../scripts/release/keys.ts";
import { putRelease, standInKm, type TestRelease } from "../fakes/release_folder.ts";
import { ReleaseServer } from "../fakes/release_server.ts";
import { findProgram, missingProgram, unlessOs } from "../skip.ts";
import { type Ended, Running, TempFolder } from "./harness.ts";

/** Why install.sh cannot be tested here, or null. */
export const UNTESTABLE: string | null = unlessOs("linux") ?? missingProgram("curl", "openssl", "ssh-keygen");

/** Long enough for a download and a first start on a busy machine, in ms. */
const PATIENCE_MS = 60_000;

/** Variables of whoever runs the tests that install.sh or a shell would heed. */
const UNSET = ["KM_HOME", "KM_INSTALL", "KM_VERSION", "KM_CHANNEL", "KM_BASE_URL", "ZDOTDIR", "ENV"]
  .concat("BASH_ENV", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "TMPDIR", "SHELL", "LC_ALL")
  .concat("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy");

/** Serves a release until it is disposed of. */
export class InstallSite {
  readonly folder = new TempFolder();
  readonly server: ReleaseServer = new ReleaseServer(this.folder.path);
  readonly signer: KeyPair;

  private constructor(signer: KeyPair) {
    this.signer = signer;
  }

  /** A site with a release of each version, in this order. The files are stand-ins for km unless `real`. */
  static async serve(
    versions: readonly string[] = ["9.1.0"],
    options: { readonly real?: boolean } & Partial<TestRelease> = {},
  ): Promise<InstallSite> {
    const site = new InstallSite(await generateKey());
    for (const version of versions) await site.put(version, options);
    return site;
  }

  get baseUrl(): string {
    return this.server.baseUrl;
  }

  /** Adds a release. */
  async put(
    version: string,
    { real = false, ...options }: { readonly real?: boolean } & Partial<TestRelease> = {},
  ): Promise<void> {
    const file = real ? {} : { file: await standInKm(this.folder.path, version) };
    await putRelease(this.folder.path, {
      version,
      baseUrl: this.baseUrl,
      signer: this.signer,
      ...file,
      ...options,
    });
  }

  /** Path of the released file, as the server knows it. */
  file(version = "9.1.0"): string {
    return `/km-${version}-${Deno.build.target}`;
  }

  read(path: string): string {
    return Deno.readTextFileSync(this.folder.path + path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

/** How install.sh is run. */
export interface InstallOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What reads the script: "sh", "busybox ash". */
  readonly shell?: string;
  /** What fetches it; the address is put behind. */
  readonly get?: string;
}

/** Somebody with an empty home: root, or an ordinary user without an entry in /etc/passwd. */
export class Person {
  readonly #folder = new TempFolder();
  readonly home: string;
  readonly #uid: number | null;

  /** `uid` null: whoever runs the tests. */
  constructor(uid: number | null = null, name = "home") {
    this.home = `${this.#folder.path}/${name}`;
    this.#uid = uid;
    Deno.mkdirSync(this.home);
    Deno.mkdirSync(`${this.#folder.path}/tmp`);
    if (uid === null) return;
    Deno.chmodSync(this.#folder.path, 0o755);
    for (const path of [this.home, this.temporary]) Deno.chownSync(path, uid, uid);
  }

  /** TMPDIR. */
  get temporary(): string {
    return `${this.#folder.path}/tmp`;
  }

  get km(): string {
    return `${this.home}/.km/bin/km`;
  }

  /** Starts a program as this person, in the home. */
  start(command: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const user = this.#uid === null
      ? []
      : ["setpriv", `--reuid=${this.#uid}`, `--regid=${this.#uid}`, "--clear-groups"];
    const words = [...user, "env", ...UNSET.flatMap((name) => ["-u", name])];
    const variables = { HOME: this.home, TMPDIR: this.temporary, SHELL: "/bin/sh", ...env };
    words.push(...Object.entries(variables).map(([name, value]) => `${name}=${value}`));
    return new Running(command, { home: "", command: words, cwd: this.home });
  }

  async run(command: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended> {
    await using running = this.start(command, env);
    await running.closeStdin();
    return await running.ended(PATIENCE_MS);
  }

  /** Runs the one line: fetch install.sh, pipe it into a shell. */
  install(site: InstallSite, options: InstallOptions = {}): Promise<Ended> {
    return this.run(installLine(site, options), options.env);
  }

  write(path: string, text: string, mode = 0o644): void {
    Deno.mkdirSync(`${this.home}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${this.home}/${path}`, text);
    Deno.chmodSync(`${this.home}/${path}`, mode);
    if (this.#uid !== null) Deno.chownSync(`${this.home}/${path}`, this.#uid, this.#uid);
  }

  read(path: string): string {
    return Deno.readTextFileSync(`${this.home}/${path}`);
  }

  /** The same without the folders that programs share. */
  files(): string[] {
    return this.listing().filter((line) => !line.endsWith("/"));
  }

  /** All that is in the home, one line each: path, kind or link, hash of the content. */
  listing(): string[] {
    return list(this.home, "");
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

/** The command line of the one line. */
export function installLine(
  site: InstallSite,
  { args = [], shell = "sh", get = "curl -fsSL" }: InstallOptions,
): string[] {
  const words = args.length === 0 ? "" : ` -s -- ${args.join(" ")}`;
  return ["sh", "-c", `${get} ${site.baseUrl}/install.sh | ${shell}${words}`];
}

/** A folder with links to `programs` alone, for PATH. Names of busybox's applets are given as "busybox wget". */
export function pathOf(folder: string, programs: readonly string[]): string {
  Deno.mkdirSync(folder, { recursive: true });
  for (const word of programs) {
    const [program = "", applet = program] = word.split(" ");
    const path = findProgram(program);
    if (path === null) throw new Error(`no ${program} on PATH`);
    Deno.symlinkSync(path, `${folder}/${applet}`);
  }
  return folder;
}

/** Programs that install.sh needs beside a downloader and a verifier. */
export const TOOLS: readonly string[] = [
  "awk",
  "cat",
  "chmod",
  "cksum",
  "cp",
  "cut",
  "date",
  "dd",
  "df",
  "env",
]
  .concat(
    "find",
    "getconf",
    "grep",
    "id",
    "ldd",
    "ln",
    "ls",
    "mkdir",
    "mktemp",
    "mv",
    "readlink",
    "rm",
    "rmdir",
  )
  .concat("sed", "sh", "sha256sum", "sleep", "tail", "tr", "uname", "wc");

/** A folder for PATH with programs that say what they are told to: name → body of a shell script. */
export function fakePrograms(folder: string, programs: Readonly<Record<string, string>>): string {
  Deno.mkdirSync(folder, { recursive: true });
  for (const [name, body] of Object.entries(programs)) {
    Deno.writeTextFileSync(`${folder}/${name}`, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
  return `${folder}:${Deno.env.get("PATH")}`;
}

function list(folder: string, at: string): string[] {
  const lines: string[] = [];
  for (const { name, isDirectory, isSymlink } of Deno.readDirSync(folder)) {
    const [path, inside] = [`${folder}/${name}`, `${at}${name}`];
    if (isSymlink) lines.push(`${inside} -> ${Deno.readLinkSync(path)}`);
    else if (isDirectory) lines.push(`${inside}/`, ...list(path, `${inside}/`));
    else {lines.push(
        `${inside} ${createHash("sha256").update(Deno.readFileSync(path)).digest("hex").slice(0, 12)}`,
      );}
  }
  return lines.sort();
}
