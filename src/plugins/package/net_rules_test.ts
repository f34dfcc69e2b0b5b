/** Which hosts a plugin may ask for. @module */
import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { readNetTarget } from "./net_rules.ts";

Deno.test("readNetTarget() reads hosts of the internet, with port 443 where none is said", () => {
  const good: Readonly<Record<string, string>> = {
    "api.example.com": "api.example.com:443",
    "api.example.com:8443": "api.example.com:8443",
    "xn--mnchen-3ya.example": "xn--mnchen-3ya.example:443",
    "a-b.c1.example:1": "a-b.c1.example:1",
    "8.8.8.8": "8.8.8.8:443",
    "172.15.255.255:80": "172.15.255.255:80",
    "172.32.0.1": "172.32.0.1:443",
    "[2606:4700:4700::1111]": "[2606:4700:4700::1111]:443",
    "[2a00:1450:4001:81b::200e]:8080": "[2a00:1450:4001:81b::200e]:8080",
    "mylocal.example": "mylocal.example:443",
    "local.example": "local.example:443",
  };
  for (const [text, target] of Object.entries(good)) assert.deepEqual(readNetTarget(text), { target }, text);
});

const REFUSED: Readonly<Record<string, RegExp>> = {
  "": /names no host/,
  ":443": /names no host/,
  "*": /is a pattern/,
  "*.example.com": /is a pattern/,
  "https://api.example.com": /without a scheme or a path/,
  "api.example.com/path": /without a scheme/,
  "user@example.com": /without a scheme/,
  "a b.example": /without a scheme/,
  "API.example.com": /has capitals/,
  "api.example.com:": /no port from 1 to 65535/,
  "api.example.com:0": /no port/,
  "api.example.com:65536": /no port/,
  "api.example.com:080": /no port/,
  "api.example.com:https": /no port/,
  "api.example.com:1:2": /no port/,
  "api.example.com.": /no name of a host/,
  "-a.example": /no name of a host/,
  "a..example": /no name of a host/,
  "a_b.example": /no name of a host/,
  "münchen.example": /no name of a host/,
  "a,b.example": /no name of a host/,
  [`${"a".repeat(64)}.example`]: /no name of a host/,
  ["a.".repeat(130) + "example"]: /longer than the name of a host/,
};

const PRIVATE: readonly string[] = [
  "localhost",
  "localhost:4242",
  "km.localhost",
  "printer.local",
  "nas.lan",
  "metadata.google.internal",
  "router.home.arpa",
  "localhost.localdomain",
  "server",
  "metadata",
  "0.0.0.0",
  "127.0.0.1:42",
  "127.1.2.3",
  "10.0.0.1",
  "100.64.0.1",
  "100.127.255.255",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.178.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "[::]",
  "[::1]:4242",
  "[::ffff:7f00:1]",
  "[64:ff9b::7f00:1]",
  "[fe80::1]",
  "[fc00::1]",
  "[fd00:ec2::254]",
  "[ff02::1]",
  "[2001:db8::1]",
  "[2002:7f00:1::]",
  "[2001::1]",
];

/** What would be private too, if it were read as browsers read it. */
const ODD: readonly string[] = [
  "127.1",
  "2130706433",
  "0x7f000001",
  "0x7f.0.0.1",
  "0177.0.0.1",
  "127.0.0.01",
  "1.2.3.4.5",
  "256.1.1.1",
  "example.0x",
  "a.1",
];

Deno.test("readNetTarget() refuses what is no host, and says why", () => {
  for (const [text, said] of Object.entries(REFUSED)) assert.match(problemOf(text), said, text);
});

Deno.test("readNetTarget() refuses this machine, private networks and cloud metadata in every form", () => {
  verifies("plugin-private-networks");
  for (const text of PRIVATE) {
    assert.match(problemOf(text), /of this machine|of a private network|is no address of the internet/, text);
  }
  for (const text of ODD) assert.match(problemOf(text), /is no address: write it as four numbers/, text);
  for (const text of ["[::1", "[::1]x:443", "[127.0.0.1]", "[fe80::1%25eth0]"]) {
    assert.match(problemOf(text), /is no address|no port/, text);
  }
  assert.match(problemOf("[0:0:0:0:0:0:0:1]"), /is not the short form of its address: write \[::1\]/);
  assert.match(problemOf("[::ffff:127.0.0.1]"), /is not the short form/);
});

function problemOf(text: string): string {
  const read = readNetTarget(text);
  return "problem" in read ? read.problem : assert.fail(`"${text}" is taken as ${read.target}`);
}
