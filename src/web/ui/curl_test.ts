import { equal } from "node:assert/strict";
import { curlCommand } from "./curl.ts";

Deno.test("curlCommand() asks with the token in km's own file", () => {
  equal(
    curlCommand("http://127.0.0.1:4242/api/events/019f1d2c-8a41", { authorized: true }),
    `curl -sS -H "Authorization: Bearer $(cat "\${KM_HOME:-$HOME/.km}/token")" 'http://127.0.0.1:4242/api/events/019f1d2c-8a41'`,
  );
});

Deno.test("curlCommand() leaves nothing of an address or a body to the shell", () => {
  equal(
    curlCommand("http://x/a'; rm -rf ~; '", {
      authorized: false,
      method: "post",
      body: { type: "application/json", text: `{"a":"it's $(x)"}` },
    }),
    `curl -sS -X POST -H 'Content-Type: application/json' -d '{"a":"it'\\''s $(x)"}' 'http://x/a'\\''; rm -rf ~; '\\'''`,
  );
});

Deno.test("curlCommand() shows a stream as it comes", () => {
  equal(curlCommand("http://x/s", { authorized: false, streams: true }), "curl -sSN 'http://x/s'");
});
