import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { listen, type Listener } from "./serve.ts";

const HOST = "127.0.0.1";
const encode = (text: string) => new TextEncoder().encode(text);

/** Sends `text` on a connection of its own. */
async function connect({ port }: Listener, text: string): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: HOST, port });
  await connection.write(encode(text));
  return connection;
}

async function readAll(connection: Deno.TcpConn): Promise<string> {
  return await new Response(connection.readable).text();
}

Deno.test("shutdown() answers a request whose body is still on its way", async () => {
  verifies("serve-graceful-stop");
  const arrived = Promise.withResolvers<void>();
  const listener = listen(async (request) => {
    arrived.resolve();
    return new Response(`got ${await request.text()}`);
  }, { hostname: HOST, port: 0 });
  const connection = await connect(
    listener,
    `POST / HTTP/1.1\r\nHost: ${HOST}:${listener.port}\r\nAuthorization: Bearer x\r\n` +
      "Content-Type: application/json\r\nConnection: close\r\nContent-Length: 10\r\n\r\n12345",
  );
  await arrived.promise;
  const ended = listener.shutdown();
  await connection.write(encode("67890"));
  assert.match(await readAll(connection), /^HTTP\/1\.1 200 OK\r\n[^]*got 1234567890$/);
  await ended;
});

Deno.test("shutdown() waits for a body that is being sent", async () => {
  verifies("serve-graceful-stop");
  const goOn = Promise.withResolvers<void>();
  const listener = listen(() =>
    new Response(
      new ReadableStream({
        async start(controller) {
          controller.enqueue(encode("begin "));
          await goOn.promise;
          controller.enqueue(encode("end"));
          controller.close();
        },
      }),
    ), { hostname: HOST, port: 0 });
  const response = await fetch(`http://${HOST}:${listener.port}/`);
  const ended = listener.shutdown();
  goOn.resolve();
  assert.equal(await response.text(), "begin end");
  await ended;
});

Deno.test("listen() refuses what comes after the shutdown has begun, and says so", async () => {
  const hold = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const listener = listen(async () => {
    arrived.resolve();
    await hold.promise;
    return new Response("done");
  }, { hostname: HOST, port: 0 });
  const first = fetch(`http://${HOST}:${listener.port}/`);
  await arrived.promise;
  const ended = listener.shutdown();
  const second = await fetch(`http://${HOST}:${listener.port}/`);
  assert.equal(second.status, 503);
  assert.equal((await second.json()).error.code, "stopping");
  hold.resolve();
  assert.equal(await (await first).text(), "done");
  await ended;
});
