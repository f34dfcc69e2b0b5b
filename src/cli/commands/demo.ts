/** `km demo`: the main job, seen in ten seconds. @module */

import { kmPaths } from "../../config/paths.ts";
import { KmError } from "../../core/error.ts";
import { runInherited, startPiped } from "../../proc/child.ts";
import { openDatabase } from "../../store/database.ts";
import { listEvents } from "../../store/events.ts";
import { command as defineCommand } from "../command.ts";
import { wrap } from "../help.ts";
import { type Answer, DemoClient } from "../demo/demo_client.ts";
import { serveSample } from "../demo/sample_server.ts";
import { type Paint, painter } from "../../core/paint.ts";
import { formatBytes, formatDuration } from "../../core/quantity.ts";
import { selfCommand } from "../self.ts";
import { stdoutTerminal, write, writeError } from "../terminal.ts";

/** The demo promises to end within 10 s. */
const LIMIT_MS = 9_000;
const SERVER = "sample-notes";
/** Looks like a GitHub token and is none. In two parts, so that no scanner takes this file for a leak. */
const FAKE_SECRET = "ghp_" + "0FakeToken0ForTheDemo0OfKilometers00";

export const command = defineCommand({
  name: "demo",
  summary: "See km at work: a sample server, a few calls, and what km recorded",
  details:
    "Starts a bundled MCP server under km monitor, talks to it as an AI tool would, then shows the record. " +
    "Needs no network and changes nothing of yours.",
  flags: [
    {
      name: "home",
      type: "string",
      placeholder: "dir",
      help: "Record there instead of in a temporary directory",
    },
    { name: "keep", type: "boolean", help: "Keep the temporary directory" },
    {
      name: "serve",
      type: "boolean",
      help: "Only be the sample server, on stdin and stdout, for a client of your own",
    },
  ],
  examples: [
    ["km demo", "the tour"],
    ["km monitor -- km demo --serve", "the sample server for a client of your own"],
  ],
  async run({ home, keep, serve }) {
    if (serve) {
      await serveSample({
        input: Deno.stdin.readable,
        send: (line) => write(line + "\n"),
        log: (line) => writeError(line + "\n"),
      });
      return 0;
    }
    const directory = home ?? await Deno.makeTempDir({ prefix: "km-demo-" });
    const temporary = home === undefined && !keep;
    try {
      await tour(kmPaths({ env: (name) => name === "KM_HOME" ? directory : undefined }), { temporary });
    } finally {
      if (temporary) await Deno.remove(directory, { recursive: true }).catch(() => undefined);
    }
    return 0;
  },
});

interface Home {
  readonly home: string;
  readonly database: string;
}

async function tour({ home, database }: Home, { temporary }: { temporary: boolean }): Promise<void> {
  const terminal = stdoutTerminal();
  const paint = painter(terminal.color);
  const heading = (text: string) => write(`\n${paint("bold", text)}\n`);
  write(`${paint("bold", "km demo")}: an AI tool talks to an MCP server, and km writes down what passes.\n`);

  heading("1. A client starts the server through km");
  write(`   ${paint("dim", "$")} km monitor --name ${SERVER} -- ${paint("dim", "km demo --serve")}\n\n`);
  await converse(home, paint);

  const env = { KM_HOME: home };
  heading("2. What km recorded");
  write(`   ${paint("dim", "$")} km events\n\n`);
  await runInherited(selfCommand("events"), { env });

  heading("3. How often, how slow, how big, and what is never used");
  write(`   ${paint("dim", "$")} km stats\n\n`);
  await runInherited(selfCommand("stats"), { env });

  heading("4. Secrets stay out of the record");
  write(secretLines(database, paint));

  heading("5. Now with your own servers");
  write(nextSteps(database, temporary, terminal.columns));
}

/** What the client does, and what to say about it. */
const CALLS: readonly (readonly [tool: string, args: Readonly<Record<string, unknown>>, remark: string])[] = [
  ["search_notes", { query: "coffee" }, ""],
  ["search_notes", { query: "tools" }, ""],
  ["build_index", {}, "slow"],
  ["delete_note", { title: "budget" }, "fails"],
  ["export_notes", {}, "large"],
  ["connect_account", { token: FAKE_SECRET }, "carries a secret"],
  ["search_notes", { query: "call" }, ""],
];

async function converse(home: string, paint: Paint): Promise<void> {
  const child = startPiped(
    selfCommand("monitor", "--name", SERVER, "--", ...selfCommand("demo", "--serve")),
    { env: { KM_HOME: home }, signal: AbortSignal.timeout(LIMIT_MS) },
  );
  const stderr = new Response(child.stderr).text();
  const failure = await talk(new DemoClient(child), paint).then(() => undefined, (error: Error) => error);
  const { code } = await child.status;
  const said = (await stderr).trim();
  if (failure === undefined && code === 0) return;
  throw new KmError(
    "internal",
    `Cannot finish the demo: ${failure?.message ?? "km monitor failed"} (exit code ${code})`,
    {
      ...(said !== "" && { hint: `the server and km monitor said: ${said}` }),
      cause: failure,
    },
  );
}

async function talk(client: DemoClient, paint: Paint): Promise<void> {
  await client.request("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "km-demo", version: "1.0.0" },
  });
  await client.notify("notifications/initialized");
  const listed = await client.request("tools/list", {});
  const tools = listed.result?.["tools"];
  write(`   connected; the server offers ${Array.isArray(tools) ? tools.length : 0} tools\n`);
  for (const [name, args, remark] of CALLS) {
    const started = performance.now();
    const answer = await client.request("tools/call", { name, arguments: args });
    write(`   ${callLine(name, answer, { tookMs: performance.now() - started, remark, paint })}\n`);
  }
  await client.close();
}

function callLine(
  name: string,
  answer: Answer,
  { tookMs, remark, paint }: { tookMs: number; remark: string; paint: Paint },
): string {
  const failed = answer.error !== undefined || answer.result?.["isError"] === true;
  const size = formatBytes(JSON.stringify(answer).length);
  const mark = failed ? paint("red", "✗") : paint("green", "✓");
  const facts = `${formatDuration(tookMs).padStart(7)}  ${size.padStart(7)}`;
  return `${mark} ${name.padEnd(16)} ${facts}  ${paint("dim", remark)}`.trimEnd();
}

function secretLines(path: string, paint: Paint): string {
  using db = openDatabase(path, { mode: "read" });
  const [request] = listEvents(db, { tool: "connect_account", kind: "request" }, 1);
  const params = (request?.payload as { params?: { arguments?: unknown } } | null)?.params; // as sent in CALLS
  return `   sent    ${JSON.stringify({ token: FAKE_SECRET })}\n   stored  ${
    paint("green", JSON.stringify(params?.arguments ?? null))
  }\n`;
}

function nextSteps(database: string, temporary: boolean, columns: number): string {
  const home = database.replace(/[\\/]km\.db$/, "");
  const paragraphs = [
    `Put km in front of a server's command in your client's configuration and change nothing else: ` +
    `"npx -y some-server" becomes "km npx -y some-server". Then look with km events --follow, km calls, km stats --by server; ` +
    `km --help lists everything.`,
    `Your record will be in ${kmPaths().database}, for you alone to read; km prune --all deletes it.`,
    temporary
      ? `The record of this demo was in ${database} and is deleted now; km demo --keep keeps it.`
      : `The record of this demo is in ${database}: KM_HOME=${home} km events`,
  ];
  return paragraphs.map((paragraph) => indented(paragraph, columns)).join("\n");
}

function indented(paragraph: string, columns: number): string {
  return wrap(paragraph, Math.min(columns, 100) - 4).map((line) => `   ${line}\n`).join("");
}
