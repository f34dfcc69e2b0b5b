/**
 * Fetches what tests need and a fresh machine may lack: programs from Debian's packages, MCP servers and clients from npm.
 * Whatever cannot be had is left out, and the tests that need it skip themselves with the reason.
 * @module
 */
import { findProgram } from "../tests/skip.ts";

/** Programs that tests run, and the Debian packages that bring them. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  cc: ["gcc", "libc6-dev"],
  zsh: ["zsh"],
  fish: ["fish"],
  chromium: ["chromium"],
  shellcheck: ["shellcheck"],
  busybox: ["busybox"],
  ksh: ["ksh"],
  mksh: ["mksh"],
  // No program of its own but this one.
  "dh_bash-completion": ["bash-completion"],
  ruby: ["ruby"],
  openssl: ["openssl"],
  "ssh-keygen": ["openssh-client"],
  curl: ["curl"],
  wget: ["wget"],
  tmux: ["tmux"],
  vim: ["vim"],
};

/** Gets everything, one caller at a time: two test runs in one checkout must not install over each other. */
export async function prepareTests(root: string, cache: string): Promise<void> {
  using lock = await Deno.open(`${cache}/lock`, { create: true, write: true });
  await lock.lock(true);
  await installPrograms();
  await installPackages(`${root}tests/npm`);
  await fetchBundler(cache);
}

async function installPrograms(): Promise<void> {
  const packages = Object.keys(PROGRAMS).filter((name) => findProgram(name) === null).flatMap((name) =>
    PROGRAMS[name] ?? []
  );
  if (
    packages.length === 0 || Deno.build.os !== "linux" || Deno.uid() !== 0 || findProgram("apt-get") === null
  ) return;
  tell(`installing ${packages.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-q"], { env });
  await run("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...packages], { env });
}

/** Runs `npm ci` once per state of the lock file. */
async function installPackages(folder: string): Promise<void> {
  const stamp = `${folder}/node_modules/.km-installed`;
  const wanted = await sha256(await Deno.readFile(`${folder}/package-lock.json`));
  if (await Deno.readTextFile(stamp).catch(() => "") === wanted) return;
  tell("fetching MCP servers and clients from npm for the end-to-end tests");
  // No package's own scripts run: the tests need none of what they would do.
  const installed = await run(Deno.build.os === "windows" ? "npm.cmd" : "npm", [
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=error",
  ], { cwd: folder });
  if (installed) await Deno.writeTextFile(stamp, wanted);
}

/** `deno bundle` fetches its bundler when it is first asked: here, once, and not in the middle of whichever test is the first. */
async function fetchBundler(cache: string): Promise<void> {
  await Deno.writeTextFile(`${cache}/empty.ts`, "");
  await run(Deno.execPath(), [
    "bundle",
    "--quiet",
    "--no-lock",
    `--output=${cache}/empty.js`,
    `${cache}/empty.ts`,
  ], {});
}

/** Runs a program with its output on stderr, shown only when it fails. Returns whether it succeeded; never throws. */
async function run(program: string, args: string[], options: Deno.CommandOptions): Promise<boolean> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null", ...options })
      .output();
    if (!success) {
      tell(`"${program} ${args.join(" ")}" failed; the tests that need it are skipped`);
      for (const output of [stdout, stderr]) Deno.stderr.writeSync(output);
    }
    return success;
  } catch (error) {
    tell(`cannot run "${program}": ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function tell(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`test: ${text}\n`));
}
