// The SDK's 1.x client: `node client_1x.mjs <scenario> <folder> <command> [args…]` prints the answers as one JSON array.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { CAPABILITIES, clientHandlers, runScenario } from "./scenarios.mjs";

const SCHEMAS = {
  "elicitation/create": ElicitRequestSchema,
  "roots/list": ListRootsRequestSchema,
  "sampling/createMessage": CreateMessageRequestSchema,
};

const [scenario, folder, command, ...args] = process.argv.slice(2);
const client = new Client({ name: "client-1x", version: "1.2.3" }, {
  capabilities: CAPABILITIES,
});
for (const [method, answer] of clientHandlers(folder)) {
  client.setRequestHandler(SCHEMAS[method], answer);
}
await client.connect(
  new StdioClientTransport({ command, args, env: process.env }),
);
console.log(JSON.stringify(await runScenario(client, scenario, folder)));
await client.close();
