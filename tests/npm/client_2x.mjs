// The SDK's 2.x client: `node client_2x.mjs <scenario> <folder> <command> [args…]` prints the answers as one JSON array.
// It asks `server/discover` first: a 2026-07-28 server answers, an older one says -32601 and is then spoken to as before.
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { CAPABILITIES, clientHandlers, runScenario } from "./scenarios.mjs";

const [scenario, folder, command, ...args] = process.argv.slice(2);
const client = new Client(
  { name: "client-2x", version: "2.3.4" },
  { capabilities: CAPABILITIES, versionNegotiation: { mode: "auto" } },
);
for (const [method, answer] of clientHandlers(folder)) {
  client.setRequestHandler(method, answer);
}
await client.connect(
  new StdioClientTransport({ command, args, env: process.env }),
);
console.log(JSON.stringify(await runScenario(client, scenario, folder)));
await client.close();
