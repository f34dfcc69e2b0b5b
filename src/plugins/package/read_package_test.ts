/** Packages that come from a file or an address, and never more of them than a package may have. @module */
import assert from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { testPackage } from "../../../tests/fakes/plugin_packages.ts";
import { testUnless, unlessOs } from "../../../tests/skip.ts";
import { verifies } from "../../../tests/verifies.ts";
import { KmError } from "../../core/error.ts";
import { MAX_PACKAGE_BYTES } from "./archive.ts";
import { fetchPackage, isPackageAddress, readPackageFile } from "./read_package.ts";

/** `code: message` */
async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof KmError, String(error));
    return `${error.code}: ${error.message}`;
  }
  assert.fail("it was read");
}

Deno.test("readPackageFile() reads a file, and says what is none", async () => {
  verifies("kmpkg-format");
  using folder = new TempFolder();
  const path = `${folder.path}/quiet.kmpkg`;
  assert.match(await refusal(readPackageFile(path)), /^not_found: .*there is no such file/);
  await Deno.writeFile(path, testPackage());
  assert.deepEqual(await readPackageFile(path), testPackage());
  assert.match(await refusal(readPackageFile(folder.path)), /^not_trusted: .*it is no plain file/);
});

Deno.test("readPackageFile() reads no more than a package may have", async () => {
  verifies("refuse-bomb", "kmpkg-format");
  using folder = new TempFolder();
  const path = `${folder.path}/large`;
  // A hole: 100 GB that take no room.
  await Deno.writeFile(path, new Uint8Array(1));
  await Deno.truncate(path, 100e9);
  assert.match(
    await refusal(readPackageFile(path)),
    /^not_trusted: .*it is larger than 8\.4 MB, and no package is/,
  );
  await Deno.truncate(path, MAX_PACKAGE_BYTES);
  assert.equal((await readPackageFile(path)).length, MAX_PACKAGE_BYTES);
});

testUnless(
  unlessOs("linux", "darwin"),
  "readPackageFile() waits for no pipe and reads no device",
  async () => {
    verifies("refuse-bomb");
    using folder = new TempFolder();
    const path = `${folder.path}/pipe`;
    assert.ok((await new Deno.Command("mkfifo", { args: [path] }).output()).success);
    for (const odd of [path, "/dev/zero"]) {
      assert.match(await refusal(readPackageFile(odd)), /^not_trusted: .*it is no plain file/);
    }
  },
);

/** A server of one answer to everything. */
function serve(answer: () => Response): Deno.HttpServer<Deno.NetAddr> & { readonly base: string } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  return Object.assign(server, { base: `http://127.0.0.1:${server.addr.port}` });
}

Deno.test("fetchPackage() fetches a package, and cuts an answer without end while it comes", async () => {
  verifies("refuse-bomb", "kmpkg-format");
  let sent = 0;
  const endless = () =>
    new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
  const answers: Record<string, () => Response> = {
    good: () => new Response(testPackage()),
    endless: () => new Response(endless()),
    large: () => new Response(new Uint8Array(MAX_PACKAGE_BYTES + 1)),
    squeezed: () =>
      new Response(
        new Blob([new Uint8Array(64_000_000)]).stream().pipeThrough(new CompressionStream("gzip")),
        { headers: { "content-encoding": "gzip" } },
      ),
    missing: () => new Response(null, { status: 404 }),
  };
  for (
    const [name, said] of [
      ["good", null],
      ["endless", /^download_failed: .*it is larger than 8\.4 MB/],
      ["large", /^download_failed: .*it is larger than 8\.4 MB/],
      ["squeezed", /^download_failed: .*it is larger than 8\.4 MB/],
      ["missing", /^download_failed: .*there is no such file \(404\)/],
    ] as const
  ) {
    await using server = serve(answers[name] as () => Response);
    const address = `${server.base}/quiet.kmpkg`;
    if (said === null) assert.deepEqual(await fetchPackage(address), testPackage());
    else assert.match(await refusal(fetchPackage(address)), said, name);
  }
  assert.ok(sent < 10 * MAX_PACKAGE_BYTES, `${sent} bytes were taken`);
});

Deno.test("fetchPackage() asks https alone, or this machine", async () => {
  for (const address of ["http://km.example/x.kmpkg", "ftp://127.0.0.1/x", "file:///etc/passwd", "x.kmpkg"]) {
    assert.match(await refusal(fetchPackage(address)), /^usage: .*it is no https address/, address);
  }
  await using server = serve(() => Response.redirect("http://km.example/x.kmpkg"));
  assert.match(
    await refusal(fetchPackage(server.base)),
    /^download_failed: .*leads to .*which is no https address/,
  );
  assert.ok(isPackageAddress("HTTPS://km.example/x.kmpkg"));
  for (const file of ["x.kmpkg", "./x", "C:\\x", "/a://b", "quiet"]) assert.ok(!isPackageAddress(file), file);
});
