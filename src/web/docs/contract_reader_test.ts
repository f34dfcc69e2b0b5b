import { deepEqual, equal } from "node:assert/strict";
import { type Contract, curlLine, findOperations, type Operation, readGroups } from "./contract_reader.ts";

const CONTRACT: Contract = {
  info: { version: "1" },
  tags: [{ name: "Events" }, { name: "Keys" }, { name: "Nothing" }],
  paths: {
    "/api/keys": {
      post: {
        operationId: "postKeys",
        summary: "Make a key",
        tags: ["Keys"],
        security: [{ token: ["admin"] }],
        requestBody: {
          content: {
            "application/json": {
              schema: { type: "object", properties: { name: { type: "string", example: "it's" } } },
            },
          },
        },
        responses: {},
      },
    },
    "/api/events/{id}": {
      get: {
        operationId: "getEvent",
        summary: "One message",
        tags: ["Events"],
        security: [{ token: ["read"] }],
        parameters: [
          { name: "id", in: "path", required: true, schema: { type: "string" } },
          { name: "q", in: "query", required: true, example: "a b", schema: { type: "string" } },
          { name: "limit", in: "query", schema: { type: "number" } },
        ],
        responses: {},
      },
    },
    "/health": { get: { tags: ["Events"], security: [], responses: {} } },
  },
};

const groups = readGroups(CONTRACT);

function operation(id: string): Operation {
  const found = groups.flatMap(({ operations }) => operations).find((one) => one.id === id);
  if (!found) throw new Error(id);
  return found;
}

Deno.test("readGroups() follows the order of the tags and leaves empty ones out", () => {
  deepEqual(groups.map(({ name, operations }) => [name, operations.map(({ id, scope }) => [id, scope])]), [
    ["Events", [["getEvent", "read"], ["get /health", null]]],
    ["Keys", [["postKeys", "admin"]]],
  ]);
});

Deno.test("findOperations() finds by path, words and names of parameters", () => {
  const found = (words: string) =>
    findOperations(groups, words).flatMap(({ operations }) => operations.map(({ id }) => id));
  deepEqual(found("KEY make"), ["postKeys"]);
  deepEqual(found("limit"), ["getEvent"]);
  deepEqual(found("zzz"), []);
});

Deno.test("curlLine() asks with the token, the required parameters and an example body, quoted for a shell", () => {
  equal(
    curlLine(operation("getEvent"), CONTRACT, "http://h"),
    `curl -sS -H "Authorization: Bearer $(cat "\${KM_HOME:-$HOME/.km}/token")" 'http://h/api/events/ID?q=a%20b'`,
  );
  equal(
    curlLine(operation("postKeys"), CONTRACT, "http://h"),
    `curl -sS -X POST -H "Authorization: Bearer $(cat "\${KM_HOME:-$HOME/.km}/token")" -H 'Content-Type: application/json' -d '{"name":"it'\\''s"}' 'http://h/api/keys'`,
  );
  equal(curlLine(operation("get /health"), CONTRACT, "http://h"), "curl -sS 'http://h/health'");
});
