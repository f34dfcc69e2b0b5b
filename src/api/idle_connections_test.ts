import { deepEqual, equal } from "node:assert/strict";
import { within } from "../../tests/e2e/harness.ts";
import { verifies } from "../../tests/verifies.ts";
import { connectionsTo, endConnections, type TcpConnection } from "../proc/tcp_connections.ts";
import { type Connections, IdleConnections, type IdleLimits } from "./idle_connections.ts";

const LIMITS: IdleLimits = { idleMs: 1000, crowdedFrom: 3, crowdedIdleMs: 100 };

/** A world of connections that the test opens and closes. */
class FakeConnections implements Connections {
  open: TcpConnection[] = [];
  ended: number[] = [];
  time = 0;

  list(): readonly TcpConnection[] {
    return this.open;
  }

  end(connections: readonly TcpConnection[]): void {
    this.ended.push(...connections.map(({ remotePort }) => remotePort));
  }

  nowMs(): number {
    return this.time;
  }
}

function makeIdle() {
  const world = new FakeConnections();
  const idle = new IdleConnections(1, LIMITS, world);
  const sweepAt = (timeMs: number) => {
    world.time = timeMs;
    world.ended = [];
    idle.sweep();
    return world.ended;
  };
  return { world, idle, sweepAt, [Symbol.dispose]: () => idle[Symbol.dispose]() };
}

Deno.test("IdleConnections ends what asked nothing for too long, and nothing that is being answered", async () => {
  verifies("guard-slow-bodies");
  using test = makeIdle();
  const { world, idle, sweepAt } = test;
  world.open = [{ remotePort: 10, inode: "a" }, { remotePort: 11, inode: "b" }];
  const { promise, resolve } = Promise.withResolvers<void>();
  idle.busy(11, promise);
  deepEqual(sweepAt(0), []);
  deepEqual(sweepAt(1000), [10]);
  world.open = [{ remotePort: 11, inode: "b" }];
  deepEqual(sweepAt(50_000), []);
  resolve();
  await promise.then(() => {});
  deepEqual(sweepAt(50_999), []);
  deepEqual(sweepAt(51_000), [11]);
});

Deno.test("IdleConnections leaves WebSockets alone", async () => {
  using test = makeIdle();
  test.world.open = [{ remotePort: 10, inode: "a" }];
  test.idle.busy(10, Promise.resolve());
  test.idle.upgraded(10);
  await Promise.resolve();
  deepEqual(test.sweepAt(1_000_000), []);
});

Deno.test("IdleConnections is stricter when there are many", () => {
  using test = makeIdle();
  test.world.open = [1, 2, 3].map((remotePort) => ({ remotePort, inode: String(remotePort) }));
  deepEqual(test.sweepAt(0), []);
  deepEqual(test.sweepAt(100), [1, 2, 3]);
});

Deno.test("IdleConnections does not take a new connection for an old one of the same port", () => {
  using test = makeIdle();
  test.world.open = [{ remotePort: 10, inode: "a" }];
  deepEqual(test.sweepAt(0), []);
  test.world.open = [{ remotePort: 10, inode: "b" }];
  test.world.time = 900;
  test.idle.busy(10, new Promise(() => {})); // A stream that it opened before anybody looked.
  deepEqual(test.sweepAt(1000), []);
  deepEqual(test.sweepAt(100_000), []);
});

Deno.test({
  name: "IdleConnections ends real half requests of Deno.serve, and not a stream beside them",
  ignore: Deno.build.os !== "linux",
  async fn() {
    verifies("guard-slow-bodies");
    let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = () => new ReadableStream<Uint8Array>({ start: (controller) => void (stream = controller) });
    let busy = (_port: number, _answered: Promise<unknown>) => {};
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (_, { remoteAddr, completed }) => {
        busy(remoteAddr.port, completed);
        return new Response(body());
      },
    );
    const { port } = server.addr;
    using idle = new IdleConnections(port, { ...LIMITS, idleMs: 0, crowdedIdleMs: 0 });
    busy = (port, answered) => idle.busy(port, answered);
    using half = await Deno.connect({ hostname: "127.0.0.1", port });
    await half.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: "));
    const response = await fetch(`http://127.0.0.1:${port}/`);
    equal(connectionsTo(port).length >= 2, true);
    idle.sweep(); // Sees it first,
    idle.sweep(); // then ends it.
    equal(await within(half.read(new Uint8Array(10)), 5000, () => "the end of the half request"), null);
    stream?.enqueue(new TextEncoder().encode("still here"));
    stream?.close();
    equal(await response.text(), "still here");
    endConnections(connectionsTo(port)); // Those that fetch keeps.
    await server.shutdown();
  },
});
