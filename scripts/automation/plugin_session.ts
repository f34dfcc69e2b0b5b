/**
 * Installs the packages that `plugins.sh` built, lets a scripted client talk to a real MCP server through `km monitor` with all of them on, looks
 * whether each did its job, and writes the report.
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openDatabase } from "../../src/store/database.ts";
import { readPluginEmits } from "../../src/store/plugin_emits_reader.ts";
import { readHostStatus } from "../../src/plugins/host/status.ts";
import { pluginPaths } from "../../src/plugins/paths.ts";
import { PatientClient } from "./patient_client.ts";
import { type Check, type PluginOutcome, writeReport } from "./report.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PACKAGE = "@modelcontextprotocol/server-everything";
const SERVER = `${ROOT}tests/npm/node_modules/${PACKAGE}/dist/index.js`;
/** How long anything may take. A start of three plugins took 3 s on two busy cores. */
const PATIENCE_MS = 30_000;

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    api: { type: "string" },
    // What api_receiver.ts writes; without it nothing listens there.
    received: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const { out = "", api = "", received, quick } = values;
const HOME = join(out, "home");
const ENV = { KM_HOME: HOME, NO_COLOR: "1", KM_PLUGINS_NICENESS: "0", KM_PLUGINS_LINGER: "5s" };

/** Runs km to its end; its stdout. */
async function km(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}main.ts`, ...args],
    env: ENV,
    stdin: "null",
  }).output();
  const [text, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (code !== 0) throw new Error(`km ${args.join(" ")} ended with ${code}: ${error}`);
  return text ?? "";
}

/** Installs a package with all that it asks for, each permission spelled; those permissions. */
async function install(name: string): Promise<string[]> {
  const file = join(out, "packages", `${name}.kmpkg`);
  const { permissions } = JSON.parse(await km(["plugins", "verify", file, "--json"])) as {
    permissions: { token: string }[];
  };
  const tokens = permissions.map(({ token }) => token);
  await km(["plugins", "install", file, ...tokens.flatMap((token) => ["--grant", token]), "--json"]);
  return tokens;
}

/** Ids of the messages that came to the API, each as often as it came. */
function idsIn(file: string): string[] {
  return Deno.readTextFileSync(file).split("\n").filter((line) => line !== "");
}

/** One session with the server, behind a command that may change what it says. */
async function talk(command: readonly string[], calls: number): Promise<void> {
  await using client = new PatientClient(
    [Deno.execPath(), "run", "-A", `${ROOT}main.ts`, "monitor", "--name", "everything", "--", ...command],
    ENV,
    PATIENCE_MS,
  );
  await client.ask("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "plugins.sh", version: "1" },
  });
  client.tell("notifications/initialized");
  await client.ask("tools/list", {});
  for (let call = 1; call <= calls; call++) {
    await client.ask("tools/call", { name: "echo", arguments: { message: `call ${call}` } });
  }
  const before = logLines("console-logger").length;
  await client.ask("tools/call", { name: "no-such-tool", arguments: {} });
  // A monitor does not wait for plugins: one that ends before their host is up takes its messages with it.
  await eventually(() => logLines("console-logger").length > before ? true : null);
}

/** Waits until `look` finds something; what it found, or null when it took too long. */
async function eventually<T>(look: () => T | null): Promise<T | null> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = look();
    if (found !== null || Date.now() > deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function logLines(name: string): string[] {
  try {
    return Deno.readTextFileSync(join(HOME, "plugins", "logs", `${name}.jsonl`)).split("\n")
      .filter((line) => line !== "").map((line) => (JSON.parse(line) as { text: string }).text);
  } catch {
    return []; // Not yet.
  }
}

function emitsOf(name: string): ReturnType<typeof readPluginEmits> {
  using db = openDatabase(join(HOME, "km.db"), { mode: "read" });
  return readPluginEmits(db, name);
}

async function checkConsole(calls: number): Promise<Check[]> {
  const answered = await eventually(() => {
    const lines = logLines("console-logger").filter((line) => line.includes("← tools/call echo"));
    return lines.length >= calls * 2 ? lines : null;
  });
  const failed = logLines("console-logger").find((line) =>
    line.includes("no-such-tool") && line.includes("error")
  );
  return [
    { what: "one line for each call", ok: answered !== null, detail: answered?.[0] ?? "too few lines" },
    { what: "what failed is shown as failed", ok: failed !== undefined, detail: failed ?? "no such line" },
  ];
}

async function checkGuard(): Promise<Check[]> {
  const found = await eventually(() => {
    const { findings } = emitsOf("tool-guard");
    return findings.find(({ severity }) => severity === "warning") ?? null;
  });
  return [{
    what: "a finding for the description that changed",
    ok: found !== null && found.tool === "echo",
    detail: found === null ? "no finding" : `${found.title}: ${found.detail}`,
  }];
}

async function checkApi(calls: number): Promise<Check[]> {
  const metric = (name: string) => emitsOf("api-logger").metrics.find((one) => one.name === name);
  if (received === undefined) {
    const lost = await eventually(() => metric("lost") ?? null);
    return [{ what: "what cannot be delivered is counted", ok: lost !== null, detail: JSON.stringify(lost) }];
  }
  // Request and answer of each call, in both sessions, and what comes around them.
  const least = calls * 4;
  const came = await eventually(() => new Set(idsIn(received)).size >= least ? true : null);
  const delivered = await eventually(() => metric("delivered") ?? null);
  const ids = idsIn(received);
  return [
    {
      what: "the API received the messages",
      ok: came !== null,
      detail: `${ids.length} came, at least ${least}`,
    },
    {
      what: "none came twice",
      ok: new Set(ids).size === ids.length,
      detail: `${new Set(ids).size} different`,
    },
    { what: "what was delivered is counted", ok: delivered !== null, detail: JSON.stringify(delivered) },
  ];
}

/** Nothing of this run is left when it is over. */
async function hostEnds(): Promise<void> {
  const { hostStatus } = pluginPaths(HOME);
  await eventually(() => readHostStatus(hostStatus)?.endedAt ?? null);
}

async function main(): Promise<boolean> {
  const calls = quick ? 3 : 50;
  const names = ["api-logger", "console-logger", "tool-guard"];
  const grants = new Map<string, string[]>();
  for (const name of names) grants.set(name, await install(name));
  const config = join(HOME, "plugins", "config");
  await Deno.mkdir(config, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(
    join(config, "api-logger.json"),
    JSON.stringify({ url: api, insecureHttp: true, batchMs: 200, attempts: 2 }),
    { mode: 0o600 },
  );
  await talk(["node", SERVER, "stdio"], calls);
  // The same server, which suddenly describes one of its tools in another way.
  await talk([
    "sh",
    "-c",
    `node "$0" stdio | sed -u 's/Echoes back the input/Echoes back your notes/'`,
    SERVER,
  ], calls);
  const checks: Record<string, Check[]> = {
    "console-logger": await checkConsole(calls),
    "tool-guard": await checkGuard(),
    "api-logger": await checkApi(calls),
  };
  const { plugins } = JSON.parse(await km(["plugins", "status", "--json"])) as {
    plugins: { name: string; counts: unknown; refused: unknown[] }[];
  };
  await hostEnds();
  const outcomes = names.map((name): PluginOutcome => ({
    name,
    package: join("packages", `${name}.kmpkg`),
    grants: grants.get(name) ?? [],
    checks: checks[name] ?? [],
    counts: plugins.find((one) => one.name === name)?.counts ?? null,
    refused: plugins.find((one) => one.name === name)?.refused ?? [],
  }));
  return await writeReport(out, {
    server: PACKAGE,
    calls: calls * 2,
    quick,
    api: received === undefined ? `not reachable here: ${api}` : `${api}, in a network of its own`,
    plugins: outcomes,
  });
}

Deno.exit(await main() ? 0 : 1);
