import { deepEqual, equal, ok } from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { type BodyLimits, limitSmallBodies, readBody, type Timer } from "./body.ts";
import { ApiError, errorResponse } from "./errors.ts";
import { createRouter } from "./router.ts";

const LIMITS: BodyLimits = { maxBytes: 1000, deadlineMs: 60_000, minBytesPerSecond: 10 };

/** Time that goes on only when told to. */
class FakeTimer implements Timer {
  #nowMs = 0;
  #due: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, run };
    this.#due.push(entry);
    return () => this.#due = this.#due.filter((other) => other !== entry);
  }

  get waiting(): number {
    return this.#due.length;
  }

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = this.#due.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#nowMs = next.atMs;
      this.#due = this.#due.filter((other) => other !== next);
      next.run();
    }
    this.#nowMs = untilMs;
  }
}

/** A request whose body is written by the test. */
function openRequest(headers: Record<string, string> = {}) {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
  const request = new Request("http://localhost/", { method: "POST", body: readable, headers });
  return { request, writer: writable.getWriter() };
}

async function failure(reading: Promise<unknown>): Promise<ApiError> {
  const error = await reading.then(() => null, (error) => error);
  ok(error instanceof ApiError, `no ApiError: ${error}`);
  return error;
}

Deno.test("readBody() returns the whole body and leaves no timer behind", async () => {
  const timer = new FakeTimer();
  const { request, writer } = openRequest();
  const reading = readBody(request, LIMITS, timer);
  await writer.write(new Uint8Array([1, 2]));
  await writer.write(new Uint8Array([3]));
  await writer.close();
  deepEqual([...await reading], [1, 2, 3]);
  equal(timer.waiting, 0);
});

Deno.test("readBody() of a request without a body is empty", async () => {
  equal((await readBody(new Request("http://localhost/"), LIMITS)).length, 0);
});

Deno.test("readBody() takes a body of exactly the limit and refuses one byte more with 413", async () => {
  verifies("guard-slow-bodies", "api-limits");
  const send = (size: number) =>
    readBody(
      new Request("http://localhost/", { method: "POST", body: new Uint8Array(size) }),
      LIMITS,
    );
  equal((await send(1000)).length, 1000);
  equal((await failure(send(1001))).status, 413);
});

Deno.test("readBody() refuses by Content-Length before a byte of the body came", async () => {
  const { request } = openRequest({ "Content-Length": "1001" });
  equal((await failure(readBody(request, LIMITS))).status, 413);
});

Deno.test("readBody() gives up a silent body after the grace, with 408", async () => {
  verifies("guard-slow-bodies");
  const timer = new FakeTimer();
  const { request } = openRequest();
  const reading = failure(readBody(request, LIMITS, timer));
  timer.advance(5_000);
  equal((await reading).status, 408);
});

Deno.test("readBody() gives up a body that dribbles below the minimum rate", async () => {
  const timer = new FakeTimer();
  const { request, writer } = openRequest();
  let settled = false;
  const reading = failure(readBody(request, LIMITS, timer)).finally(() => settled = true);
  // 50 bytes buy 5 s more than the grace of 5 s.
  await writer.write(new Uint8Array(50));
  timer.advance(9_990);
  await Promise.resolve();
  equal(settled, false);
  timer.advance(20);
  equal((await reading).status, 408);
});

Deno.test("readBody() gives up at the deadline, however fast the body comes", async () => {
  const timer = new FakeTimer();
  const { request, writer } = openRequest();
  const reading = failure(readBody(request, { ...LIMITS, deadlineMs: 6_000, maxBytes: 1e9 }, timer));
  await writer.write(new Uint8Array(100_000));
  timer.advance(6_000);
  equal((await reading).status, 408);
});

Deno.test("readBody() tells a body that broke off as 400", async () => {
  const { request, writer } = openRequest();
  const reading = failure(readBody(request, LIMITS, new FakeTimer()));
  await writer.abort(new Error("connection reset"));
  equal((await reading).status, 400);
});

Deno.test("limitSmallBodies() hands a small body on, refuses a large one, and leaves events alone", async () => {
  const app = createRouter();
  app.onError((error) => errorResponse(error));
  app.use("*", limitSmallBodies({ ...LIMITS, maxBytes: 20 }));
  app.post("*", async (context) => context.text(await context.req.text()));
  const post = (path: string, body: string) => app.request(path, { method: "POST", body });
  equal(await (await post("/api/keys", "small")).text(), "small");
  equal((await post("/api/keys", "x".repeat(21))).status, 413);
  equal((await post("/api/events/batch", "x".repeat(21))).status, 200);
});
