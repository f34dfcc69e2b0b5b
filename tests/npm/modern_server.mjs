// A server of the SDK's 2.x line over stdio (MCP 2026-07-28): one plain tool, and one that needs an answer of the user first, which in this era
// comes as a retry with a new id.
import {
  acceptedContent,
  fromJsonSchema,
  inputRequired,
  McpServer,
} from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";

function text(value) {
  return { content: [{ type: "text", text: value }] };
}

function object(properties) {
  return { type: "object", properties, required: Object.keys(properties) };
}

serveStdio(() => {
  const server = new McpServer({ name: "modern-server", version: "9.8.7" }, {
    capabilities: { tools: {} },
  });
  const upper = fromJsonSchema(object({ word: { type: "string" } }));
  server.registerTool(
    "upper",
    { description: "Upper case", inputSchema: upper },
    ({ word }) => text(word.toUpperCase()),
  );

  const order = fromJsonSchema(object({ dish: { type: "string" } }));
  server.registerTool("order", {
    description: "Orders a dish",
    inputSchema: order,
  }, ({ dish }, context) => {
    const answer = acceptedContent(context.mcpReq.inputResponses, "confirm");
    if (answer) return text(`${dish} for ${answer.name}`);
    const message = `Who orders ${dish}?`;
    const requestedSchema = object({ name: { type: "string" } });
    return inputRequired({
      inputRequests: {
        confirm: inputRequired.elicit({ message, requestedSchema }),
      },
      requestState: `order:${dish}`,
    });
  });
  return server;
});
