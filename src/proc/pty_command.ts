/** What is checked before a program gets a terminal, so that a mistake is an error and not a text in that terminal. @module */
import { KmError } from "../core/error.ts";
import { commandNotExecutable, commandNotFound, findOnPath } from "./command.ts";

/** What is to be started. */
interface Start {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly searchPath: string;
}

/** Checks what is the same on every system: words and folder. @throws {KmError} not_found, usage */
export function checkStart({ command, cwd, env }: Start): void {
  checkWords([...command, cwd, ...Object.entries(env).flat()]);
  checkFolder(cwd);
}

/**
 * Returns the command with its program as a full path; relative paths are seen from `cwd`, where the program will start.
 * @throws {KmError} command_not_found, command_not_executable
 */
export function resolveCommand({ command, cwd, searchPath }: Start): readonly string[] {
  const [program = "", ...args] = command;
  const path = findOnPath(
    program.includes("/") ? seenFrom(cwd, program) : program,
    searchPath.split(":").map((folder) => seenFrom(cwd, folder || ".")).join(":"),
  );
  if (path === null) {
    const file = seenFrom(cwd, program);
    throw program.includes("/") && isFile(file)
      ? commandNotExecutable(program)
      : commandNotFound(program, searchPath);
  }
  const interpreter = interpreterOf(path);
  if (interpreter !== null && !isFile(seenFrom(cwd, interpreter))) throw commandNotFound(path, searchPath);
  return [path, ...args];
}

function checkWords(words: readonly string[]): void {
  const word = words.find((word) => word.includes("\0"));
  if (word !== undefined) {
    throw new KmError("usage", `Cannot start a program: ${JSON.stringify(word.slice(0, 80))} has a NUL byte`);
  }
}

const FULL_PATH = Deno.build.os === "windows" ? /^(?:[a-z]:[\\/]|\\\\)/i : /^\//;

function checkFolder(cwd: string): void {
  let isFolder = false;
  try {
    isFolder = Deno.statSync(cwd).isDirectory;
  } catch {
    // Not there, or not to be seen: either way nothing can start in it.
  }
  if (isFolder && FULL_PATH.test(cwd)) return;
  const state = isFolder ? "it is not a full path" : "there is no such folder";
  throw new KmError("not_found", `Cannot start in "${cwd}": ${state}`);
}

function seenFrom(cwd: string, path: string): string {
  return path.startsWith("/") ? path : `${cwd}/${path}`;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Longest first line that Linux reads. @see linux/binfmts.h, BINPRM_BUF_SIZE */
const FIRST_LINE_BYTES = 256;

/** What the "#!" line of the file at `path` names; null: there is none to see. */
function interpreterOf(path: string): string | null {
  const head = new Uint8Array(FIRST_LINE_BYTES);
  try {
    using file = Deno.openSync(path);
    file.readSync(head);
  } catch {
    return null; // Executable and not readable: the kernel knows more than we do.
  }
  return /^#![ \t]*([^\s\0]+)/.exec(new TextDecoder().decode(head))?.[1] ?? null;
}
