import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { happenings, runInSandbox } from "../../tests/plugin_sandbox.ts";
import { verifies } from "../../tests/verifies.ts";
import { Delivery, type Target, targetOf, type World } from "./plugin.ts";

/** An API and a clock in the test's hands. */
class FakeWorld implements World {
  /** What the API answers, one after the other; then 200. */
  readonly answers: (number | Error | Response)[];
  readonly requests: { url: string; headers: unknown; ids: unknown[] }[] = [];
  readonly said: string[] = [];
  readonly waits: number[] = [];
  totals = [0, 0];
  #timers: { ms: number; then: () => void }[] = [];

  constructor(...answers: (number | Error | Response)[]) {
    this.answers = answers;
  }

  fetch(url: string, init: RequestInit): Promise<Response> {
    const { messages } = JSON.parse(init.body as string) as { messages: { id: unknown }[] };
    this.requests.push({ url, headers: init.headers, ids: messages.map(({ id }) => id) });
    const answer = this.answers.shift() ?? 200;
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(answer instanceof Response ? answer : new Response(null, { status: answer }));
  }

  after(ms: number, then: () => void): () => void {
    const timer = { ms, then };
    this.#timers.push(timer);
    return () => this.#timers = this.#timers.filter((one) => one !== timer);
  }

  random(): number {
    return 1;
  }

  say(_level: string, text: string): void {
    this.said.push(text);
  }

  count(delivered: number, lost: number): void {
    this.totals = [delivered, lost];
  }

  /** Lets the next timer go off, and everything that follows from it happen. */
  async tick(): Promise<void> {
    const timer = this.#timers.shift();
    if (timer === undefined) throw new Error("there is no timer");
    this.waits.push(timer.ms);
    timer.then();
    await this.settle();
  }

  /** Lets promises settle: none of them waits for anything outside. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  }

  get timers(): number {
    return this.#timers.length;
  }
}

const TARGET: Target = {
  url: "https://api.example.com/m",
  headers: {},
  batchMessages: 3,
  batchMs: 1000,
  bufferMessages: 5,
  attempts: 3,
};

function add(delivery: Delivery, ...ids: number[]): void {
  for (const id of ids) delivery.add({ id }, 100);
}

Deno.test("api-logger sends batches: when one is full, and when its time has come", async () => {
  verifies("plugin-api-logger");
  const world = new FakeWorld();
  const delivery = new Delivery(TARGET, world);
  add(delivery, 1, 2);
  strictEqual(world.requests.length, 0);
  await world.tick();
  add(delivery, 3, 4, 5);
  await world.settle();
  deepStrictEqual(world.requests.map(({ ids }) => ids), [[1, 2], [3, 4, 5]]);
  deepStrictEqual(world.waits, [1000]);
  deepStrictEqual(world.totals, [5, 0]);
});

Deno.test("api-logger tries again, later and later, and gives a batch up at the end", async () => {
  verifies("plugin-api-logger");
  const world = new FakeWorld(new TypeError("connection refused"), 503, 500);
  const delivery = new Delivery(TARGET, world);
  add(delivery, 1, 2, 3);
  await world.settle();
  await world.tick();
  await world.tick();
  deepStrictEqual(world.waits, [500, 1000]);
  deepStrictEqual(world.totals, [0, 3]);
  deepStrictEqual(world.said, [
    "not delivered, trying again: connection refused",
    "3 messages lost (3 in all): the API answered 500 (3 attempts)",
  ]);
  add(delivery, 4);
  await world.tick();
  deepStrictEqual(world.requests.at(-1)?.ids, [4]);
  deepStrictEqual(world.totals, [1, 3]);
});

Deno.test("api-logger goes on as usual after a batch that was given up", async () => {
  const world = new FakeWorld(500, 500, 500);
  const delivery = new Delivery(TARGET, world);
  add(delivery, 1, 2, 3);
  await world.settle();
  await world.tick();
  await world.tick();
  await world.tick(); // Nothing waits.
  add(delivery, 4, 5, 6);
  await world.settle();
  deepStrictEqual(world.totals, [3, 3]);
});

Deno.test("api-logger waits as long as Retry-After says", async () => {
  const world = new FakeWorld(new Response(null, { status: 429, headers: { "retry-after": "7" } }));
  const delivery = new Delivery(TARGET, world);
  add(delivery, 1, 2, 3);
  await world.settle();
  await world.tick();
  deepStrictEqual(world.waits, [7000]);
  deepStrictEqual(world.totals, [3, 0]);
});

Deno.test("api-logger gives up at once what the API refuses, and what is not granted", async () => {
  const denied = Object.assign(new Error("Requires net access"), { name: "NotCapable" });
  const world = new FakeWorld(400, denied);
  const delivery = new Delivery(TARGET, world);
  add(delivery, 1, 2, 3);
  await world.settle();
  add(delivery, 4, 5, 6);
  await world.settle();
  deepStrictEqual(world.totals, [0, 6]);
  strictEqual(world.requests.length, 2);
  strictEqual(world.timers, 0);
});

Deno.test("api-logger keeps a bounded buffer: the oldest go, counted, also while they are under way", async () => {
  const world = new FakeWorld(503);
  const delivery = new Delivery(TARGET, world);
  add(delivery, 1, 2, 3);
  await world.settle();
  add(delivery, 4, 5, 6, 7);
  strictEqual(delivery.waiting, 5);
  deepStrictEqual(world.totals, [0, 2]);
  await world.tick();
  deepStrictEqual(world.requests.map(({ ids }) => ids), [[1, 2, 3], [3, 4, 5], [6, 7]]);
  deepStrictEqual(world.totals, [5, 2]);
});

Deno.test("api-logger counts no message twice that was pushed out while it was sent", async () => {
  const answer = Promise.withResolvers<Response>();
  const world = new FakeWorld();
  const send = world.fetch.bind(world);
  let first = true;
  world.fetch = async (url, init) => {
    const sent = await send(url, init);
    if (!first) return sent;
    first = false;
    return await answer.promise;
  };
  const delivery = new Delivery(TARGET, world);
  add(delivery, 1, 2, 3);
  await world.settle();
  add(delivery, 4, 5, 6, 7); // 1 and 2 no longer fit.
  answer.resolve(new Response(null, { status: 204 }));
  await world.settle();
  deepStrictEqual(world.totals, [5, 2]);
});

Deno.test("api-logger sends what is left at the end, and counts what it cannot", async () => {
  const world = new FakeWorld();
  const delivery = new Delivery(TARGET, world);
  add(delivery, 1);
  await delivery.close();
  deepStrictEqual(world.totals, [1, 0]);

  const down = new FakeWorld(503);
  const waiting = new Delivery(TARGET, down);
  add(waiting, 1, 2, 3);
  await down.settle();
  await waiting.close();
  deepStrictEqual(down.totals, [0, 3]);
  strictEqual(down.timers, 0);
});

const CONFIG = {
  url: "https://api.example.com/m",
  header: "authorization",
  headerValue: "Bearer {}",
  batchMessages: 1,
  batchMs: 1,
  bufferMessages: 1,
  attempts: 1,
  insecureHttp: false,
};

Deno.test("targetOf() takes https alone, and puts the secret where it belongs", () => {
  strictEqual(targetOf(CONFIG, "s$&").headers["authorization"], "Bearer s$&");
  strictEqual("authorization" in targetOf(CONFIG, undefined).headers, false);
  strictEqual(
    targetOf({ ...CONFIG, url: "http://a.example", insecureHttp: true }, "").url,
    "http://a.example/",
  );
  throws(() => targetOf({ ...CONFIG, url: "http://a.example" }, ""), /must begin with https/);
  throws(() => targetOf({ ...CONFIG, url: "nowhere" }, ""), /must be an address/);
  throws(
    () => targetOf({ ...CONFIG, url: "https://me:pw@a.example" }, ""),
    /no password|not hold a password/,
  );
});

Deno.test("api-logger cannot reach what was not granted, and counts what it lost, in the sandbox", async () => {
  verifies("plugin-api-logger");
  const config = { url: "https://other.example.net/m", batchMs: 0 };
  const run = await runInSandbox("api-logger", { config });
  const refused = happenings(run, "refused").map(({ permission }) => permission);
  strictEqual(refused.includes("net"), true, JSON.stringify(refused));
  const lost = happenings(run, "emit").flatMap(({ what }) =>
    what.type === "metric" && what.name === "lost" ? [what.value] : []
  );
  strictEqual(Math.max(...lost), run.reports.length);
  match(happenings(run, "log").at(-1)?.text ?? "", /lost \(7 in all\)/);
});

Deno.test("api-logger says what is wrong with its configuration, in the sandbox", async () => {
  const run = await runInSandbox("api-logger", { config: { url: "ftp://api.example.com" } });
  match(run.reports[0]?.failed ?? "", /"url" must begin with https/);
});
