/** km serve with a certificate. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { missingProgram, testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { Collected, decode, runKm, TempFolder } from "./harness.ts";

/** Makes a certificate for 127.0.0.1 in `folder`. */
async function makeCertificate(folder: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [`${folder}/cert.pem`, `${folder}/key.pem`];
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
    "basicConstraints=critical,CA:FALSE",
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
    const { cert } = await makeCertificate(folder.path);
    const at = { home: folder.path };
    const half = await runKm(["serve", "--port", "0", "--tls-cert", cert], at);
    assert.deepEqual([half.code, /give both/.test(half.err)], [EXIT_CODES.usage, true]);
    const wrong = await runKm(["serve", "--port", "0", "--tls-cert", cert, "--tls-key", cert], at);
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.err, /km: hint: .*PEM/);
  },
);
