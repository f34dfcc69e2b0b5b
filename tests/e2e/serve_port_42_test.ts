/** Port 42, in a network of its own. @module */
import assert from "node:assert/strict";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { decode, KM, Running, TempFolder } from "./harness.ts";

/** A network of one's own, where port 42 is certainly free. Works without root where user namespaces do. */
const NAMESPACE = [
  "unshare",
  "--user",
  "--map-root-user",
  "--net",
  "sh",
  "-c",
  'ip link set lo up && exec "$@"',
  "sh",
];
const NO_NAMESPACE = unlessOs("linux") ?? missingProgram("unshare", "nsenter", "ip", "curl") ??
  (new Deno.Command("unshare", { args: NAMESPACE.slice(1).concat("true"), stdout: "null", stderr: "null" })
      .outputSync().success
    ? null
    : "no network namespaces");

testUnless(
  NO_NAMESPACE,
  "port 42 is served where the system allows it, and curl gets answers there",
  async () => {
    verifies("serve-port-42", "fm-32-port-42");
    using folder = new TempFolder();
    await using process = new Running(["serve"], {
      home: folder.path,
      command: [...NAMESPACE, ...KM],
    });
    await process.stdout.text("km serves http://127.0.0.1:4242 and http://127.0.0.1:42\n");
    const curl = async (...args: string[]) => {
      const enter = [
        "--target",
        String(process.pid),
        "--user",
        "--net",
        "--preserve-credentials",
        "curl",
        "-sS",
        ...args,
      ];
      return decode((await new Deno.Command("nsenter", { args: enter, stderr: "inherit" }).output()).stdout);
    };
    assert.equal(JSON.parse(await curl("http://127.0.0.1:42/health")).status, "ok");
    assert.equal(JSON.parse(await curl("http://127.0.0.1:4242/health")).status, "ok");
    const token = Deno.readTextFileSync(`${folder.path}/token`).trim();
    const activity = await curl("-H", `Authorization: Bearer ${token}`, "http://127.0.0.1:42/api/activity");
    assert.deepEqual(JSON.parse(activity).events, []);
    assert.equal(JSON.parse(await curl("http://127.0.0.1:42/api/activity")).error.code, "unauthenticated");
    const { ports } = JSON.parse(Deno.readTextFileSync(`${folder.path}/daemon.json`));
    assert.deepEqual(ports, [4242, 42]);
    // The same checks as on the other port, and no other address.
    const foreign = JSON.parse(await curl("-H", "Host: evil.example:42", "http://127.0.0.1:42/health"));
    assert.equal(foreign.error.code, "unknown_host");
    const post = ["-H", `Authorization: Bearer ${token}`, "-H", "Content-Type: application/json", "-d", "{}"];
    const crossSite = await curl(
      ...post,
      "-H",
      "Origin: http://evil.example",
      "http://127.0.0.1:42/api/auth/links",
    );
    assert.equal(JSON.parse(crossSite).error.code, "foreign_origin");
    assert.equal(await curl("-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.2:42/health"), "000");
  },
);

const NO_CAPS = NO_NAMESPACE ?? missingProgram("setpriv");

testUnless(
  NO_CAPS,
  "where port 42 is not allowed, one line says why and how to allow it, and the rest is served",
  async () => {
    verifies("serve-port-42", "fm-32-port-42");
    using folder = new TempFolder();
    await using process = new Running(["serve"], {
      home: folder.path,
      command: [
        ...NAMESPACE,
        "setpriv",
        "--bounding-set=-net_bind_service",
        "--inh-caps=-net_bind_service",
        ...KM,
      ],
    });
    await process.stdout.text("km serves http://127.0.0.1:4242\n");
    await process.stderr.text("port 42");
    const about = process.stderr.lines().filter((line) => line.includes("port 42 "));
    assert.equal(about.length, 1);
    assert.match(
      about[0] ?? "",
      /port 42 is not served: .*sysctl net\.ipv4\.ip_unprivileged_port_start=42.*CAP_NET_BIND_SERVICE/,
    );
    assert.deepEqual(JSON.parse(Deno.readTextFileSync(`${folder.path}/daemon.json`)).ports, [4242]);
  },
);
