import assert from "node:assert/strict";
import { serverNameOf } from "./server_name.ts";

const CASES: [string, string][] = [
  ["npx -y @modelcontextprotocol/server-github", "server-github"],
  ["npx -y @scope/server-x@1.2.3", "server-x"],
  ["npx --yes --package @scope/pkg server-x", "server-x"],
  ["/usr/local/bin/npx -y mcp-remote@latest https://example.com/mcp", "mcp-remote"],
  ["C:\\nodejs\\npx.cmd -y @scope/server-x", "server-x"],
  ["npm exec -- @scope/server-x", "server-x"],
  ["pnpm dlx server-y", "server-y"],
  ["bunx server-y", "server-y"],
  ["uvx mcp-server-git --repository .", "mcp-server-git"],
  ["uvx --from git+https://example.com/x mcp-x", "mcp-x"],
  ["uv --directory /srv/app run server.py", "server"],
  ["uv run --directory /srv/weather weather.py", "weather"],
  ["python3.12 -m mcp_server_time", "mcp_server_time"],
  ["python /opt/weather/server.py", "weather"],
  ["node /home/u/mcp-files/dist/index.js", "mcp-files"],
  ["node --import tsx ./src/index.ts", "index"],
  ["node /x/node_modules/@scope/server-z/dist/index.js", "server-z"],
  ["deno run -A npm:@scope/server-x@1", "server-x"],
  ["docker run -i --rm -e TOKEN ghcr.io/github/github-mcp-server:latest", "github-mcp-server"],
  ["docker run -i --rm mcp/github", "github"],
  ["env TOKEN=x npx server-y", "server-y"],
  ["sh -c exec-something", "sh"],
  ["./my-server --stdio", "my-server"],
  ["my-server.exe", "my-server"],
  ["node", "node"],
  ["", "server"],
];

for (const [line, name] of CASES) {
  Deno.test(`serverNameOf() names "${line}" ${name}`, () => {
    assert.equal(serverNameOf(line.split(" ")), name);
  });
}
