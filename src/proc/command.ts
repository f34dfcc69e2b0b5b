/** Finding a command and saying why it cannot be started; on Windows, building its command line. Pure but for the look-up. @module */
import { KmError } from "../core/error.ts";

const WINDOWS = Deno.build.os === "windows";

/** Returns the executable that `command` means on `searchPath` (`PATH`), or null. On Windows use `findOnWindowsPath`. */
export function findOnPath(command: string, searchPath: string): string | null {
  if (command === "") return null;
  if (command.includes("/")) return isExecutableFile(command) ? command : null;
  for (const folder of searchPath.split(":")) {
    const path = `${folder === "" ? "." : folder}/${command}`;
    if (isExecutableFile(path)) return path;
  }
  return null;
}

/** Every executable called one of `names` on `searchPath`, in its order; in folders with a full path only: what lies in the working directory is not the user's choice. */
export function allOnPath(names: readonly string[], searchPath: string): string[] {
  const [separator, full] = WINDOWS ? [";", /^(?:[a-z]:[\\/]|\\\\)/i] : [":", /^\//];
  const folders = searchPath.split(separator).filter((folder) => full.test(folder));
  const paths = folders.flatMap((folder) =>
    names.map((name) => `${folder.replace(/[\\/]+$/, "")}${WINDOWS ? "\\" : "/"}${name}`)
  );
  return [...new Set(paths)].filter(isExecutableFile);
}

function isExecutableFile(path: string): boolean {
  try {
    const info = Deno.statSync(path);
    return info.isFile && (WINDOWS || ((info.mode ?? 0o111) & 0o111) !== 0);
  } catch {
    return false;
  }
}

/** The error of a command that is not there: exit code 127, and a hint that names PATH. */
export function commandNotFound(command: string, searchPath: string): KmError {
  if (existsSync(command)) {
    return new KmError(
      "command_not_found",
      `Cannot start "${command}": the interpreter its first line names is missing`,
      {
        hint: `check the "#!" line of ${command}`,
      },
    );
  }
  const hint = command.includes("/")
    ? "check the path; a relative path is looked up from the folder the client starts km in"
    : `it is in none of the folders of PATH (${searchPath || "which is empty"}); ` +
      "programs started from a desktop often get a shorter PATH than a terminal: give the full path";
  return new KmError("command_not_found", `Cannot start "${command}": command not found`, { hint });
}

/** The error of a file that may not be executed: exit code 126. */
export function commandNotExecutable(command: string): KmError {
  return new KmError("command_not_executable", `Cannot start "${command}": permission denied`, {
    hint: `make it executable with chmod +x, or name the program that runs it`,
  });
}

function existsSync(path: string): boolean {
  if (!path.includes("/")) return false;
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** What `CreateProcess` is given on Windows. */
export interface WindowsCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** True when `args` are already quoted for cmd.exe and must be passed on as they are. */
  readonly verbatim: boolean;
}

/** Extensions tried when PATHEXT is not set. Source: cmd.exe's default. */
const DEFAULT_PATHEXT = ".COM;.EXE;.BAT;.CMD";

/**
 * Resolves `command` as cmd.exe does (PATHEXT, current folder first) and wraps `.cmd` and `.bat` shims, such as npx.cmd, in
 * `cmd.exe /d /s /c`, which is the only thing that can run them. Pure: `exists` looks files up.
 * @see https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createprocessw
 */
export function windowsCommand(
  argv: readonly string[],
  env: { readonly path: string; readonly pathExt?: string; readonly comSpec?: string },
  exists: (path: string) => boolean,
): WindowsCommand | null {
  const [command = "", ...args] = argv;
  const file = findOnWindowsPath(command, env, exists);
  if (file === null) return null;
  if (!/\.(cmd|bat)$/i.test(file)) return { file, args, verbatim: false };
  const line = [file.replace(CMD_SPECIAL, "^$&"), ...args.map(quoteForCmd)].join(" ");
  return { file: env.comSpec ?? "cmd.exe", args: ["/d", "/s", "/c", `"${line}"`], verbatim: true };
}

function findOnWindowsPath(
  command: string,
  env: { readonly path: string; readonly pathExt?: string },
  exists: (path: string) => boolean,
): string | null {
  if (command === "") return null;
  const extensions = (env.pathExt ?? DEFAULT_PATHEXT).split(";").filter((extension) => extension !== "");
  const hasExtension = extensions.some((extension) =>
    command.toLowerCase().endsWith(extension.toLowerCase())
  );
  const names = hasExtension ? [command] : extensions.map((extension) => command + extension);
  const folders = /[\\/]/.test(command)
    ? [""]
    : [".", ...env.path.split(";").filter((folder) => folder !== "")];
  for (const folder of folders) {
    for (const name of names) {
      const path = folder === "" ? name : `${folder.replace(/[\\/]$/, "")}\\${name}`;
      if (exists(path)) return path;
    }
  }
  return null;
}

/** What cmd.exe reads as its own; each needs a `^` before it. */
const CMD_SPECIAL = /[()\][%!^"`<>&|;, *?]/g;

/**
 * Quotes one argument for the C runtime's parser, then for cmd.exe, twice: a batch shim is parsed once more when it
 * expands `%*`.
 * @see https://learn.microsoft.com/archive/blogs/twistylittlepassagesallalike/everyone-quotes-command-line-arguments-the-wrong-way
 */
export function quoteForCmd(argument: string): string {
  const quoted = `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, "$1$1")}"`;
  return quoted.replace(CMD_SPECIAL, "^$&").replace(CMD_SPECIAL, "^$&");
}
