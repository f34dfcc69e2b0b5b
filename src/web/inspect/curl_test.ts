import { equal } from "node:assert/strict";
import { curlOf } from "./curl.ts";

Deno.test("curlOf() asks km's own API with the token in its file", () => {
  equal(
    curlOf("019f1d2c-8a41", { origin: "http://127.0.0.1:4242" }),
    `curl -H "Authorization: Bearer $(cat "\${KM_HOME:-$HOME/.km}/token")" 'http://127.0.0.1:4242/api/events/019f1d2c-8a41'`,
  );
});

Deno.test("curlOf() leaves nothing of an id to the shell", () => {
  equal(
    curlOf("a'; rm -rf ~; '", { origin: "http://x" }).split("'")[1],
    "http://x/api/events/a%27%3B%20rm%20-rf%20~%3B%20%27",
  );
});
