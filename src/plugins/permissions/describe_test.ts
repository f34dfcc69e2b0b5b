import { deepEqual, equal, match, ok } from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { NOTHING } from "./compare.ts";
import { describePermissions } from "./describe.ts";
import { parseTokens } from "./tokens.ts";

Deno.test("describePermissions() has one line for each permission, worst first, with what could go wrong", () => {
  verifies("consent");
  const wanted = parseTokens([
    "directions=client_to_server,methods=tools/call,servers=github,payload=full,env=LANG,env=API_TOKEN,read=~/notes,net=api.example.com",
  ]);
  const lines = describePermissions(wanted);
  deepEqual(lines.map(({ token, severity }) => `${severity} ${token}`), [
    "high net=api.example.com:443",
    "high read=~/notes",
    "high env=API_TOKEN",
    "high payload=full",
    "medium env=LANG",
    "low servers=github",
    "low methods=tools/call",
    "low directions=client_to_server",
  ]);
  for (const { text, risk } of lines) ok(text.length > 20 && risk.length > 20, text);
  match(lines[0]?.risk ?? "", /every message it sees, with the passwords and keys in it/);
});

Deno.test("describePermissions() knows that some are worse beside others", () => {
  verifies("consent");
  const read = parseTokens(["read=~/notes"]);
  equal(describePermissions(read)[0]?.severity, "medium");
  const [line] = describePermissions(read, parseTokens(["read=~/notes,net=a.example"]));
  equal(line?.severity, "high");
  match(line?.risk ?? "", /send what it reads there to a\.example/);
  equal(describePermissions(parseTokens(["net=a.example"]))[0]?.severity, "medium");
  match(describePermissions(parseTokens(["net=a.example:80"]))[0]?.risk ?? "", /not encrypted/);
});

Deno.test("describePermissions() says what whole messages mean for what km stores", () => {
  verifies("consent");
  const [line] = describePermissions(parseTokens(["payload=full"]));
  match(line?.risk ?? "", /not blacked out for it/);
  match(line?.risk ?? "", /takes out of its log and its findings what it recognises/);
  match(line?.risk ?? "", /state\/.* stays as it writes it/);
});

Deno.test("describePermissions() says what is seen also without payload", () => {
  verifies("consent");
  const risk = (tokens: string) => describePermissions(parseTokens([tokens]))[0]?.risk ?? "";
  match(
    risk("directions=client_to_server"),
    /when, how large, which server, AI tool, method and tool or prompt/,
  );
  match(risk("directions=client_to_server"), /only its scheme and, on the web, its host/);
  match(risk("net=a.example"), /only its scheme and, on the web, its host/);
  const beside = describePermissions(parseTokens(["directions=client_to_server,payload=redacted"]));
  match(
    beside.find(({ token }) => token.startsWith("directions"))?.risk ?? "",
    /whole address of a resource/,
  );
});

Deno.test("describePermissions() shows control and bidirectional characters escaped", () => {
  verifies("consent");
  const [line] = describePermissions({ ...NOTHING, read: ["~/\u202egpj.\x1b[2Jnotes"] });
  match(line?.text ?? "", /~\/\\u\{202e\}gpj\.\\e\[2Jnotes/);
  match(line?.token ?? "", /^read=~\/\\u\{202e\}/);
});
