/**
 * Pseudo consoles of Windows 10 1809 and later, by kernel32 through FFI. Written from Microsoft's documentation; not run on Windows yet.
 *
 * A pseudo console speaks through two pipes. They cannot be waited for together with others, so that each session has a thread here that reads.
 * @see https://learn.microsoft.com/windows/console/creating-a-pseudoconsole-session @module
 */
import { KmError } from "../core/error.ts";
import type { TerminalSize } from "../core/session.ts";
import {
  commandLine,
  coordinates,
  environmentBlock,
  PROCESS_INFORMATION_BYTES,
  processInformation,
  startupInfo,
  wideString,
} from "./conpty_layout.ts";
import { commandNotFound, windowsCommand } from "./command.ts";
import type { Pty, PtyExit, PtyOptions, PtySystem } from "./pty.ts";
import { MAX_PTY_QUEUE_BYTES } from "./pty_input.ts";

const SYMBOLS = {
  CreatePipe: { parameters: ["buffer", "buffer", "pointer", "u32"], result: "i32" },
  CreatePseudoConsole: { parameters: ["u32", "usize", "usize", "u32", "buffer"], result: "i32" },
  ResizePseudoConsole: { parameters: ["usize", "u32"], result: "i32" },
  // Returns when all output was read, so not on the thread that reads.
  ClosePseudoConsole: { parameters: ["usize"], result: "void", nonblocking: true },
  InitializeProcThreadAttributeList: { parameters: ["buffer", "u32", "u32", "buffer"], result: "i32" },
  UpdateProcThreadAttribute: {
    parameters: ["buffer", "u32", "usize", "usize", "usize", "pointer", "pointer"],
    result: "i32",
  },
  DeleteProcThreadAttributeList: { parameters: ["buffer"], result: "void" },
  CreateProcessW: {
    parameters: [
      "buffer",
      "buffer",
      "pointer",
      "pointer",
      "i32",
      "u32",
      "buffer",
      "buffer",
      "buffer",
      "buffer",
    ],
    result: "i32",
  },
  ReadFile: { parameters: ["usize", "buffer", "u32", "buffer", "pointer"], result: "i32", nonblocking: true },
  WriteFile: {
    parameters: ["usize", "buffer", "u32", "buffer", "pointer"],
    result: "i32",
    nonblocking: true,
  },
  WaitForSingleObject: { parameters: ["usize", "u32"], result: "u32", nonblocking: true },
  GetExitCodeProcess: { parameters: ["usize", "buffer"], result: "i32" },
  TerminateProcess: { parameters: ["usize", "u32"], result: "i32" },
  CloseHandle: { parameters: ["usize"], result: "i32" },
  GetLastError: { parameters: [], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;
type Kernel32 = Deno.DynamicLibrary<typeof SYMBOLS>;

const PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE = 0x00020016n;
const EXTENDED_STARTUPINFO_PRESENT = 0x00080000, CREATE_UNICODE_ENVIRONMENT = 0x400;
const HANDLE_BYTES = 8n;
const INFINITE = 0xffff_ffff;
const READ_BYTES = 64 * 1024;
/** Exit code of a program that was ended by km: there are no signals to tell of. */
const TERMINATED = 1;

/** All pseudo consoles of this process. */
export class WindowsPtys implements PtySystem {
  readonly #library: Kernel32;
  readonly #live = new Set<WindowsPty>();

  /** @throws {KmError} unsupported */
  constructor() {
    try {
      this.#library = Deno.dlopen("kernel32.dll", SYMBOLS);
    } catch (cause) {
      throw new KmError("unsupported", "Cannot open a terminal: no pseudo consoles here", {
        hint: "they came with Windows 10, version 1809",
        cause,
      });
    }
  }

  start(options: PtyOptions): Pty {
    const pty = new WindowsPty(this.#library, options);
    this.#live.add(pty);
    void pty.exit.then(() => this.#live.delete(pty));
    return pty;
  }

  end(pty: Pty, graceMs: number): Promise<PtyExit> {
    if (!(pty instanceof WindowsPty)) throw new TypeError("Not a terminal of this process");
    return pty.end(graceMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#live].map((pty) => pty.end(0)));
    this.#library.close();
  }
}

interface Console {
  readonly console: bigint;
  readonly inputFd: bigint;
  readonly outputFd: bigint;
}

function openConsole({ symbols }: Kernel32, size: TerminalSize): Console {
  const pipe = () => {
    const read = new BigUint64Array(1), write = new BigUint64Array(1);
    if (symbols.CreatePipe(read, write, null, 0) === 0) {
      throw failed("open a terminal", symbols.GetLastError());
    }
    return { read: read[0] ?? 0n, write: write[0] ?? 0n };
  };
  const input = pipe(), output = pipe();
  const console = new BigUint64Array(1);
  const result = symbols.CreatePseudoConsole(coordinates(size), input.read, output.write, 0, console);
  // The console has handles of its own to its ends.
  symbols.CloseHandle(input.read);
  symbols.CloseHandle(output.write);
  if (result === 0) return { console: console[0] ?? 0n, inputFd: input.write, outputFd: output.read };
  symbols.CloseHandle(input.write);
  symbols.CloseHandle(output.read);
  throw failed("open a terminal", result >>> 0);
}

function failed(what: string, code: number): KmError {
  return new KmError("internal", `Cannot ${what}: Windows error 0x${code.toString(16)}`);
}

/** The command as CreateProcessW takes it: a batch shim comes with the cmd.exe that runs it, quoted for that. */
function resolve({ command, env, searchPath }: PtyOptions): { readonly file: string; readonly line: string } {
  const exists = (path: string) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  };
  const { PATHEXT, ComSpec } = env;
  const found = windowsCommand(command, {
    path: searchPath,
    ...(PATHEXT ? { pathExt: PATHEXT } : {}),
    ...(ComSpec ? { comSpec: ComSpec } : {}),
  }, exists);
  if (!found) throw commandNotFound(command[0] ?? "", searchPath);
  const line = found.verbatim
    ? [found.file, ...found.args].join(" ")
    : commandLine([found.file, ...found.args]);
  return { file: found.file, line };
}

function startIn(
  { symbols }: Kernel32,
  console: bigint,
  options: PtyOptions,
  command: { readonly file: string; readonly line: string },
): { readonly process: bigint; readonly pid: number } {
  const size = new BigUint64Array(1);
  symbols.InitializeProcThreadAttributeList(new Uint8Array(0), 1, 0, size);
  const attributes = new Uint8Array(Number(size[0]));
  symbols.InitializeProcThreadAttributeList(attributes, 1, 0, size);
  try {
    const attribute = PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE;
    symbols.UpdateProcThreadAttribute(attributes, 0, attribute, console, HANDLE_BYTES, null, null);
    const at = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(attributes)));
    const information = new Uint8Array(PROCESS_INFORMATION_BYTES);
    const isStarted = symbols.CreateProcessW(
      // cmd.exe by its name alone is looked up by Windows itself.
      /[\\/]/.test(command.file) ? wideString(command.file) : null,
      wideString(command.line),
      null,
      null,
      0,
      EXTENDED_STARTUPINFO_PRESENT | CREATE_UNICODE_ENVIRONMENT,
      environmentBlock(options.env),
      wideString(options.cwd),
      startupInfo(at),
      information,
    );
    if (isStarted === 0) throw failed(`start "${options.command[0]}"`, symbols.GetLastError());
    const { process, thread, pid } = processInformation(information);
    symbols.CloseHandle(thread);
    return { process, pid };
  } finally {
    symbols.DeleteProcThreadAttributeList(attributes);
  }
}

/** A program in a pseudo console. */
class WindowsPty implements Pty {
  readonly pid: number;
  readonly exit: Promise<PtyExit>;
  readonly #library: Kernel32;
  readonly #console: Console;
  readonly #process: bigint;
  readonly #options: PtyOptions;
  #queuedBytes = 0;
  #writing: Promise<unknown> = Promise.resolve();
  #resumed: PromiseWithResolvers<void> | undefined;
  #hasEnded = false;

  constructor(library: Kernel32, options: PtyOptions) {
    this.#library = library;
    this.#options = options;
    const command = resolve(options);
    this.#console = openConsole(library, options.size);
    try {
      const { process, pid } = startIn(library, this.#console.console, options, command);
      this.#process = process;
      this.pid = pid;
    } catch (error) {
      void library.symbols.ClosePseudoConsole(this.#console.console);
      library.symbols.CloseHandle(this.#console.inputFd);
      library.symbols.CloseHandle(this.#console.outputFd);
      throw error;
    }
    this.exit = this.#run();
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Nobody tells which program of a console reads it. */
  readonly isForeground = false;
  /** A console tells its modes to the programs in it alone. */
  readonly lineMode = null;

  get isPaused(): boolean {
    return this.#resumed !== undefined;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#hasEnded || this.#queuedBytes + bytes.length > MAX_PTY_QUEUE_BYTES) return false;
    const copy = Uint8Array.from(bytes);
    this.#queuedBytes += copy.length;
    this.#writing = this.#writing.then(() => this.#writeAll(copy));
    return true;
  }

  type(bytes: Uint8Array): boolean {
    return this.write(bytes);
  }

  resize(size: TerminalSize): void {
    if (this.#hasEnded) return;
    this.#library.symbols.ResizePseudoConsole(this.#console.console, coordinates(size));
  }

  signal(name: Deno.Signal): void {
    if (this.#hasEnded) return;
    // There are no signals here: Ctrl-C is a key, and all else that ends a program ends it at once.
    if (name === "SIGINT") this.write(new Uint8Array([3]));
    else if (["SIGTERM", "SIGKILL", "SIGHUP", "SIGQUIT"].includes(name)) this.#terminate();
  }

  pause(): void {
    this.#resumed ??= Promise.withResolvers();
  }

  resume(): void {
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }

  /** Ctrl-C, and after `graceMs` the end. */
  async end(graceMs: number): Promise<PtyExit> {
    this.resume();
    this.signal("SIGINT");
    const timer = setTimeout(() => this.#terminate(), graceMs);
    const exit = await this.exit;
    clearTimeout(timer);
    return exit;
  }

  #terminate(): void {
    if (!this.#hasEnded) this.#library.symbols.TerminateProcess(this.#process, TERMINATED);
  }

  async #run(): Promise<PtyExit> {
    const { symbols } = this.#library;
    const reading = this.#read();
    await symbols.WaitForSingleObject(this.#process, INFINITE);
    const code = new Uint32Array(1);
    symbols.GetExitCodeProcess(this.#process, code);
    this.#hasEnded = true;
    // A console outlives its programs: closing it is what ends the output.
    await Promise.all([symbols.ClosePseudoConsole(this.#console.console), reading]);
    symbols.CloseHandle(this.#console.inputFd);
    symbols.CloseHandle(this.#console.outputFd);
    symbols.CloseHandle(this.#process);
    const exit: PtyExit = { code: code[0] ?? 0, signal: null };
    this.#options.onExit(exit);
    return exit;
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    const count = new Uint32Array(1);
    for (;;) {
      await this.#resumed?.promise;
      const isRead = await this.#library.symbols.ReadFile(
        this.#console.outputFd,
        buffer,
        READ_BYTES,
        count,
        null,
      );
      if (isRead === 0 || !count[0]) return;
      await this.#resumed?.promise;
      this.#options.onData(buffer.slice(0, count[0]));
    }
  }

  async #writeAll(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const count = new Uint32Array(1);
    let written = 0;
    while (written < bytes.length && !this.#hasEnded) {
      const rest = bytes.subarray(written);
      const { WriteFile } = this.#library.symbols;
      if (await WriteFile(this.#console.inputFd, rest, rest.length, count, null) === 0) break;
      written += count[0] ?? 0;
    }
    this.#queuedBytes -= bytes.length;
  }
}
