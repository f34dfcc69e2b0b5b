import { deepEqual, equal, throws } from "node:assert/strict";
import { KmError } from "../../core/error.ts";
import { verifies } from "../../../tests/verifies.ts";
import { NOTHING } from "./compare.ts";
import { grantWords, parseTokens, tokensOf } from "./tokens.ts";

Deno.test("parseTokens() reads flags with one or several permissions", () => {
  verifies("consent");
  const read = parseTokens([
    "net=api.example.com,payload=redacted",
    "servers=git*,files",
    " env=LANG , read=~/notes/",
  ]);
  deepEqual(read, {
    net: ["api.example.com:443"],
    read: ["~/notes"],
    write: [],
    env: ["LANG"],
    data: { servers: ["git*", "files"], methods: [], directions: [], payload: "redacted" },
  });
  deepEqual(parseTokens([]), NOTHING);
  deepEqual(parseTokens(tokensOf(read)), read, "what is shown can be given");
});

Deno.test("parseTokens() refuses what cannot be granted, each with its reason", () => {
  verifies("consent", "plugin-never-asked");
  for (
    const [flag, reason] of [
      ["api.example.com", /it does not say what for/],
      ["nett=a.example", /"nett" is no kind of permission/],
      ["run=ls", /no plugin can be granted "run"/],
      ["ffi=x", /no plugin can be granted "ffi"/],
      ["net=localhost", /is a name of this machine/],
      ["net=127.0.0.1", /this machine/],
      ["net=*.example.com", /is a pattern/],
      ["read=/", /is the whole disk/],
      ["write=~/", /is the whole home folder/],
      ["read=~/.ssh", /is where secrets lie/],
      ["read=notes", /is not absolute/],
      ["env=A B", /no name of a variable/],
      ["payload=all", /none of none, redacted, full/],
      ["servers=", /names nothing/],
      ["net=a\u202eb", /\\u\{202e\}/],
    ] as const
  ) {
    throws(
      () => parseTokens([flag]),
      (error) => error instanceof KmError && error.code === "usage" && reason.test(error.message),
      flag,
    );
  }
});

Deno.test("parseTokens() says what was to be done", () => {
  throws(() => parseTokens(["net=foo"], "revoke"), /^KmError: Cannot revoke "net=foo": /);
  throws(() => parseTokens(["net=foo"]), /^KmError: Cannot grant "net=foo": /);
});

Deno.test("grantWords() spells the exact flag, quoted for the shell", () => {
  verifies("consent");
  equal(grantWords(NOTHING), "");
  equal(grantWords(parseTokens(["net=a.example"]), false), "--grant net=a.example:443");
  equal(grantWords(parseTokens(["read=~/it's"]), false), `--grant 'read=~/it'\\''s'`);
  equal(grantWords(parseTokens(["servers=*,payload=full"]), false), "--grant 'servers=*,payload=full'");
  equal(grantWords(parseTokens(["servers=*"]), true), '--grant "servers=*"');
});
