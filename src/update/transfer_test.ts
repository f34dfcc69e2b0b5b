import assert from "node:assert/strict";
import { TempFolder } from "../../tests/e2e/harness.ts";
import { type Misbehaviour, ReleaseServer } from "../../tests/fakes/release_server.ts";
import { verifies } from "../../tests/verifies.ts";
import type { KmError } from "../core/error.ts";
import { fetchBytes, fetchFile, fileAddress, releaseAddress } from "./transfer.ts";

const FILE = { name: "km-0.2.0-x", url: "km-0.2.0-x", bytes: 4, sha256: "a".repeat(64) };

Deno.test("releaseAddress() takes https, and http of this machine", () => {
  verifies("update-signed");
  for (
    const [text, address] of [
      ["https://km.example", "https://km.example"],
      ["https://km.example/releases//", "https://km.example/releases"],
      ["http://127.0.0.1:8000/", "http://127.0.0.1:8000"],
      ["http://localhost/x", "http://localhost/x"],
      ["http://[::1]:1", "http://[::1]:1"],
    ] as const
  ) assert.equal(releaseAddress(text), address);
  for (
    const text of [
      "",
      "km.example",
      "http://km.example",
      "http://127.0.0.1.km.example",
      "file:///x",
      "https://km.example/#x",
    ]
  ) {
    assert.throws(() => releaseAddress(text), (error: KmError) => error.code === "usage", text);
  }
});

Deno.test("fileAddress() counts from the manifest's folder, and does not leave https", () => {
  verifies("update-signed");
  const at = (url: string, base: string) => fileAddress({ ...FILE, url }, base);
  assert.equal(at("km-x", "https://km.example/r"), "https://km.example/r/km-x");
  assert.equal(at("https://files.example/km-x", "https://km.example/r"), "https://files.example/km-x");
  assert.equal(at("https://files.example/km-x", "http://127.0.0.1:1"), "https://files.example/km-x");
  assert.equal(at("http://127.0.0.1:2/km-x", "http://127.0.0.1:1"), "http://127.0.0.1:2/km-x");
  for (
    const [url, base] of [
      ["http://km.example/km-x", "https://km.example"],
      ["http://127.0.0.1/km-x", "https://km.example"],
      ["http://km.example/km-x", "http://127.0.0.1:1"],
      ["file:///etc/passwd", "https://km.example"],
      ["data:,km", "https://km.example"],
    ] as const
  ) assert.throws(() => at(url, base), (error: KmError) => error.code === "not_trusted", url);
});

Deno.test("fetchBytes() tells the server km's version and nothing else of the user", async () => {
  verifies("update-daily-check");
  const seen: [string, string][][] = [];
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    seen.push([...request.headers]);
    return new Response("x");
  });
  const { port } = server.addr;
  await fetchBytes(`http://127.0.0.1:${port}/stable.json`, 10, { userAgent: "km/0.1.0" });
  assert.deepEqual(seen, [[
    ["accept", "*/*"],
    ["accept-encoding", "gzip,br"],
    ["accept-language", "*"],
    ["host", `127.0.0.1:${port}`],
    ["user-agent", "km/0.1.0"],
  ]]);
});

const SLOW: readonly (readonly [string, Misbehaviour, RegExp])[] = [
  ["falls silent", { kind: "stall", afterBytes: 0 }, /nothing came for 0\.1 s$/],
  ["falls silent in the middle", { kind: "stall", afterBytes: 2 }, /no more than 2 B came for 0\.1 s$/],
  ["sends byte by byte", { kind: "slow", bytesPerPiece: 1 }, /no more than \d+ B came for 0\.1 s$/],
];

for (const [what, how, said] of SLOW) {
  Deno.test(`fetchFile() and fetchBytes() give up a server that ${what}, and leave no file`, async () => {
    verifies("update-swap", "update-daily-check");
    using folder = new TempFolder();
    await Deno.writeTextFile(`${folder.path}/km`, "1".repeat(1000));
    await using server = new ReleaseServer(folder.path);
    server.misbehave("/km", how);
    const [address, transfer] = [`${server.baseUrl}/km`, { userAgent: "km/0.1.0", limitMs: 100 }];
    const destination = { path: `${folder.path}/new` };
    const file = { ...FILE, bytes: 1000 };
    await assert.rejects(fetchFile(address, file, destination, transfer), { message: said });
    await assert.rejects(fetchBytes(address, 1000, transfer), { message: said });
    assert.deepEqual(Array.from(Deno.readDirSync(folder.path), ({ name }) => name), ["km"]);
  });
}

Deno.test("fetchBytes() follows to safe addresses only, and asks no other", async () => {
  verifies("update-signed");
  using folder = new TempFolder();
  await Deno.writeTextFile(`${folder.path}/there`, "x");
  await using server = new ReleaseServer(folder.path);
  await using other = new ReleaseServer(folder.path);
  const fetched = async (to: string) => {
    server.misbehave("/here", { kind: "redirect", to });
    return new TextDecoder().decode(
      await fetchBytes(`${server.baseUrl}/here`, 10, { userAgent: "km/0.1.0" }),
    );
  };
  assert.equal(await fetched("/there"), "x");
  assert.equal(await fetched(`${other.baseUrl}/there`), "x");
  assert.deepEqual(other.requests.splice(0), ["/there"]);
  // Leads to this machine as well, by a name that is none of its own.
  await assert.rejects(fetched(`http://0.0.0.0:${other.port}/there`), {
    message: /it leads to http:\/\/0\.0\.0\.0:\d+\/there, which is no https address$/,
  });
  await assert.rejects(fetched("file:///etc/passwd"), { message: /which is no https address$/ });
  await assert.rejects(fetched("/here"), { message: /it leads on and on: more than 10 times$/ });
  assert.deepEqual(other.requests, []);
});

Deno.test("fetchFile() goes on as long as something comes", async () => {
  verifies("update-swap");
  using folder = new TempFolder();
  await Deno.writeTextFile(`${folder.path}/km`, "1234");
  await using server = new ReleaseServer(folder.path);
  server.misbehave("/km", { kind: "slow", bytesPerPiece: 1 });
  const sha256 = "03ac674216f3e15c761ee1a5e255f067953623c8b388b4459e13f978d7c846f4";
  const seen: number[] = [];
  const destination = { path: `${folder.path}/new`, onProgress: (bytes: number) => seen.push(bytes) };
  await fetchFile(`${server.baseUrl}/km`, { ...FILE, sha256 }, destination, {
    userAgent: "km/0.1.0",
    limitMs: 5000,
  });
  assert.equal(await Deno.readTextFile(`${folder.path}/new`), "1234");
  assert.equal(seen.at(-1), 4);
});
