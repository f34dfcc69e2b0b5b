/** `km service`: km serve at each login, by the system's own means. @module */
import { dirname } from "node:path";
import { readEnv } from "../../config/environment.ts";
import { kmPaths, userHome } from "../../config/paths.ts";
import { EXIT_CODES, KmError } from "../../core/error.ts";
import { runTool } from "../../proc/run_tool.ts";
import { command as defineCommand } from "../command.ts";
import { selfCommand } from "../self.ts";
import type { ServiceFile } from "../service/definition.ts";
import { launchdService } from "../service/launchd_agent.ts";
import { systemdService } from "../service/systemd_unit.ts";
import { windowsService } from "../service/windows_task.ts";
import { write, writeLines } from "../terminal.ts";

const WORDS = ["install", "uninstall", "status"] as const;

export const command = defineCommand({
  name: "service",
  summary: "Start km serve at each login, as a service of the system",
  usage: "install|uninstall|status",
  words: [1, 1],
  wordChoices: WORDS,
  details:
    "A systemd user unit, a launchd agent or a Windows task: one file. Says what it wrote and how to undo it. Nothing needs root. The home is the one of this moment " +
    "(KM_HOME); after moving km or the home, install again.",
  flags: [
    { name: "print", type: "boolean", help: "With install: print the file and change nothing" },
    { name: "port", short: "p", type: "number", default: "4242", help: "Port to listen on" },
  ],
  examples: [
    ["km service install", "from now on, and at each login"],
    ["km service install --print", "see what would be written"],
  ],
  async run({ print, port }, [word]) {
    const service = describeService(port);
    switch (word as typeof WORDS[number]) { // as: wordChoices lets nothing else through
      case "install":
        return print ? printFile(service) : await install(service);
      case "uninstall":
        return await uninstall(service);
      case "status":
        return await status(service);
    }
  },
});

function describeService(port: number): ServiceFile {
  const { home, log } = kmPaths();
  const definition = {
    command: selfCommand("serve", "--port", String(port)),
    environment: { ...keep("KM_HOME", home), ...keep("DENO_DIR", readEnv("DENO_DIR") ?? "") },
    logPath: log,
  };
  switch (Deno.build.os) {
    case "windows":
      return windowsService(definition, home);
    case "darwin":
      return launchdService(definition, userHome(), Deno.uid() ?? 0);
    default:
      return systemdService(definition, readEnv("XDG_CONFIG_HOME") ?? `${userHome()}/.config`);
  }
}

/** `value` where the user has set the variable: the service must find the same home and packages. */
function keep(name: string, value: string): Record<string, string> {
  return readEnv(name) === undefined ? {} : { [name]: value };
}

function printFile({ path, text }: ServiceFile): number {
  write(`# ${path}\n${text}`);
  return 0;
}

async function install(service: ServiceFile): Promise<number> {
  const { home } = kmPaths();
  Deno.mkdirSync(home, { recursive: true, mode: 0o700 });
  writeServiceFile(service);
  const failed = await runAll(service.enable);
  const lines = [`wrote ${service.path}`];
  if (failed === null) lines.push("km serve runs now, and at each login");
  else {lines.push(
      `did not start it: ${failed}`,
      ...service.enable.map((argv) => `  later: ${argv.map(shellWord).join(" ")}`),
    );}
  writeLines([...lines, "to undo: km service uninstall"]);
  return 0;
}

async function uninstall(service: ServiceFile): Promise<number> {
  if (!exists(service.path)) {
    throw new KmError("not_found", `Cannot uninstall: there is no "${service.path}"`, {
      hint: '"km service install" writes one',
    });
  }
  const failed = await runAll(service.disable);
  Deno.removeSync(service.path);
  writeLines([
    `removed ${service.path}`,
    failed === null ? "km serve no longer starts at login" : `the system was not told: ${failed}`,
  ]);
  return 0;
}

async function status(service: ServiceFile): Promise<number> {
  const installed = exists(service.path);
  write(installed ? `installed: ${service.path}\n` : `not installed: no ${service.path}\n`);
  if (!installed) return EXIT_CODES.not_found;
  const result = await runTool(service.status);
  write(result === null ? `${service.status[0]} is not on this system\n` : result.text);
  return 0;
}

/** Runs them in order. Null when all went well, else why not, in one line. */
async function runAll(commands: ServiceFile["enable"]): Promise<string | null> {
  for (const argv of commands) {
    const result = await runTool(argv);
    if (result === null) return `${argv[0]} is not on this system`;
    if (result.code !== 0) {
      return `"${argv.join(" ")}" ended with ${result.code}: ${result.text.trim().split("\n")[0] ?? ""}`;
    }
  }
  return null;
}

function writeServiceFile({ path, text }: ServiceFile): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeFileSync(path, path.endsWith(".xml") ? utf16(text) : new TextEncoder().encode(text), {
      mode: 0o600,
    });
  } catch (error) {
    throw new KmError(
      "unsupported",
      `Cannot write "${path}": ${error instanceof Error ? error.message : error}`,
      {
        hint: '"km service install --print" shows what would be written',
        cause: error,
      },
    );
  }
}

/** Little-endian with its mark, as Windows writes it. */
function utf16(text: string): Uint8Array {
  const marked = "\ufeff" + text;
  const bytes = new DataView(new ArrayBuffer(marked.length * 2));
  for (let i = 0; i < marked.length; i++) bytes.setUint16(i * 2, marked.charCodeAt(i), true);
  return new Uint8Array(bytes.buffer);
}

function shellWord(word: string): string {
  return /^[\w./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
