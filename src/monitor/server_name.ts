/** Naming a server after its command line: `npx -y @scope/server-x` is `server-x`. Pure. @module */

/** Programs that run another program named further on, with the words of theirs that take a value. */
const RUNNERS: Readonly<
  Record<string, { readonly subcommands?: readonly string[]; readonly valueFlags?: readonly string[] }>
> = {
  npx: { valueFlags: ["-p", "--package", "-c", "--prefix", "-w", "--cache"] },
  npm: { subcommands: ["exec", "x"], valueFlags: ["--package", "--prefix"] },
  pnpm: { subcommands: ["dlx", "exec"], valueFlags: ["--dir", "-C"] },
  pnpx: {},
  yarn: { subcommands: ["dlx", "exec"] },
  bunx: {},
  bun: { subcommands: ["x", "run"] },
  uvx: { valueFlags: ["--from", "--with", "--python", "-p"] },
  uv: { subcommands: ["run", "tool"], valueFlags: ["--directory", "--with", "--project", "--python"] },
  pipx: { subcommands: ["run"], valueFlags: ["--spec"] },
  deno: { subcommands: ["run"], valueFlags: ["-c", "--config"] },
  node: { valueFlags: ["-r", "--require", "--import", "--env-file"] },
  tsx: {},
  python: { valueFlags: ["-X", "-W"] },
  sh: {},
  bash: {},
  zsh: {},
  env: {},
  docker: {
    subcommands: ["run"],
    valueFlags: [
      "-e",
      "--env",
      "-v",
      "--volume",
      "--name",
      "--network",
      "-p",
      "--mount",
      "--env-file",
      "-w",
      "-u",
    ],
  },
  podman: {
    subcommands: ["run"],
    valueFlags: ["-e", "--env", "-v", "--volume", "--name", "--network", "-p", "--mount"],
  },
};

/** File names that say nothing: the folder above them names the server. */
const HOLLOW_NAMES = new Set([
  "index",
  "main",
  "server",
  "cli",
  "app",
  "mod",
  "start",
  "run",
  "__main__",
  "stdio",
]);
const HOLLOW_FOLDERS = new Set([
  "dist",
  "build",
  "src",
  "bin",
  "lib",
  "out",
  "target",
  "release",
  "debug",
  ".venv",
  "venv",
]);

/** Returns a short name for the server that `argv` starts; never empty. */
export function serverNameOf(argv: readonly string[]): string {
  const words = [...argv];
  for (let depth = 0; depth < 4; depth++) {
    const program = programName(words[0] ?? "");
    const runner = RUNNERS[program] ?? (/^python[\d.]*$/.test(program) ? RUNNERS["python"] : undefined);
    const rest = runner && operands(words.slice(1), runner);
    if (!rest || rest.length === 0) break;
    words.splice(0, words.length, ...rest);
  }
  return nameOfWord(words[0] ?? "") || "server";
}

/** The words from the program that the runner runs on. */
function operands(
  words: readonly string[],
  runner: { readonly subcommands?: readonly string[]; readonly valueFlags?: readonly string[] },
): readonly string[] {
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] as string;
    if (runner.valueFlags?.includes(word)) at++;
    else if (runner.subcommands?.includes(word)) continue;
    else if (word === "-m" || word === "--") continue;
    else if (word === "-c") return [];
    else if (!word.startsWith("-") && !/^[A-Za-z_]\w*=/.test(word)) break;
  }
  return words.slice(at);
}

function programName(word: string): string {
  return baseName(word).replace(/\.(exe|cmd|bat)$/i, "").toLowerCase();
}

function nameOfWord(word: string): string {
  const plain = word.replace(/^(npm|jsr):/, "").replace(/^docker\.io\//, "");
  // A package: the scope and the version go.
  const packaged = /^@[^/]+\/([^@/]+)(@.*)?$/.exec(plain);
  if (packaged) return packaged[1] as string;
  if (!/[\\/]/.test(plain)) return stripExtension(plain.replace(/[@=:].*$/, ""));
  const parts = plain.split(/[\\/]/).filter((part) => part !== "" && part !== "." && part !== "..");
  const file = stripExtension((parts.pop() ?? "").replace(/[@:].*$/, ""));
  if (!HOLLOW_NAMES.has(file)) return file;
  return parts.findLast((part) => !HOLLOW_NAMES.has(part) && !HOLLOW_FOLDERS.has(part))?.replace(/^@/, "") ??
    file;
}

function stripExtension(name: string): string {
  return name.replace(/\.(m?js|c?js|m?ts|tsx|py|rb|php|sh|jar|exe|cmd|bat)$/i, "");
}

function baseName(path: string): string {
  return path.split(/[\\/]/).pop() ?? path;
}
