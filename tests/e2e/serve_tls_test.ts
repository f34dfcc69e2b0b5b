/** km serve with a certificate. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { missingProgram, testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { Collected, decode, runKm, TempFolder } from "./harness.ts";

/** Makes a certificate for 127.0.0.1 in `folder`: a server's, or an authority's as openssl makes it unless told otherwise. */
async function makeCertificate(
  folder: string,
  { name = "server", isAuthority = false } = {},
): Promise<{ cert: string; key: string }> {
  const [cert, key] = [`${folder}/${name}-cert.pem`, `${folder}/${name}-key.pem`];
  const args = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
  ];
  args.push(
    "-subj",
    "/CN=km test",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-addext",
    `basicConstraints=critical,CA:${isAuthority ? "TRUE" : "FALSE"}`,
    "-keyout",
    key,
    "-out",
    cert,
  );
  const { code } = await new Deno.Command("openssl", { args, stderr: "null" }).output();
  assert.equal(code, 0);
  return { cert, key };
}

testUnless(
  missingProgram("openssl"),
  "--tls-cert and --tls-key serve HTTPS, and nothing to plain HTTP",
  async () => {
    verifies("serve-tls");
    using folder = new TempFolder();
    const { cert, key } = await makeCertificate(folder.path);
    await using daemon = await RunningDaemon.start(["--tls-cert", cert, "--tls-key", key]);
    assert.match(daemon.url, /^https:/);
    using client = Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(cert)] });
    const health = await (await fetch(`${daemon.url}/health`, { client })).json();
    assert.equal(health.status, "ok");

    const connection = await Deno.connect({ hostname: "127.0.0.1", port: daemon.record.ports[0] ?? 0 });
    await connection.write(new TextEncoder().encode("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
    const heard = new Collected(connection.readable);
    await heard.done;
    assert.ok(!/HTTP|status|version/.test(decode(heard.bytes())), decode(heard.bytes()));
  },
);

testUnless(
  missingProgram("openssl"),
  "a certificate alone, and a key that is none, are refused",
  async () => {
    verifies("serve-tls");
    using folder = new TempFolder();
    const { cert, key } = await makeCertificate(folder.path);
    const at = { home: folder.path };
    const half = await runKm(["serve", "--port", "0", "--tls-cert", cert], at);
    assert.deepEqual([half.code, /give both/.test(half.err)], [EXIT_CODES.usage, true]);
    const wrong = await runKm(["serve", "--port", "0", "--tls-cert", cert, "--tls-key", cert], at);
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.err, /km: hint: .*PEM/);
    const other = await makeCertificate(folder.path, { name: "other" });
    for (const [c, k] of [[cert, other.key], [key, cert]] as const) {
      const { code, err } = await runKm(["serve", "--port", "0", "--tls-cert", c, "--tls-key", k], at);
      assert.notEqual(code, 0);
      assert.match(err, /km: error: Cannot use the certificate and key: /);
    }
  },
);

testUnless(
  missingProgram("openssl"),
  "km open and km status say of a certificate that is not trusted what would help",
  async () => {
    verifies("serve-tls");
    using folder = new TempFolder();
    for (
      const [isAuthority, hint] of [
        [false, /which certificate to trust: DENO_CERT=<file> km (open|status)/],
        [true, /-addext basicConstraints=critical,CA:FALSE.*DENO_CERT=<file> km (open|status)/],
      ] as const
    ) {
      const { cert, key } = await makeCertificate(folder.path, { name: `ca-${isAuthority}`, isAuthority });
      await using daemon = await RunningDaemon.start(["--tls-cert", cert, "--tls-key", key]);
      const at = { home: daemon.home };
      const open = await runKm(["open", "--print"], at);
      assert.match(open.err, hint);
      const { code, out } = await runKm(["status"], at);
      assert.equal(code, 0);
      assert.match(out, /its certificate is not trusted; /);
      assert.match(out, hint);
      assert.doesNotMatch(out, /does not answer/);
    }
  },
);
