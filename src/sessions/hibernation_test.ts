import assert from "node:assert/strict";
import { HIBERNATE_AFTER_MS, Hibernation, type Resting } from "./hibernation.ts";

/** Terminals and a clock; a snapshot takes `snapshotMs`. */
class Room {
  nowMs = 0;
  collections = 0;
  readonly terminals: (Resting & { usedMs: number })[] = [];
  readonly hibernation = new Hibernation({
    terminals: () => this.terminals,
    freeMemory: () => this.collections++,
    nowMs: () => this.nowMs,
  });

  constructor(count: number, snapshotMs: number) {
    for (let i = 0; i < count; i++) this.terminals.push(this.#terminal(snapshotMs));
  }

  #terminal(snapshotMs: number): Resting & { usedMs: number } {
    const now = () => this.nowMs;
    const spend = () => this.nowMs += snapshotMs;
    return {
      usedMs: 0,
      isHibernating: false,
      get unusedMs() {
        return now() - this.usedMs;
      },
      hibernate() {
        spend();
        Object.assign(this, { isHibernating: true });
      },
    };
  }

  get hibernating(): number {
    return this.terminals.filter(({ isHibernating }) => isHibernating).length;
  }

  /** As the thread's timer does, until `ms` have passed. */
  run(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (this.nowMs < untilMs) this.nowMs += this.hibernation.step();
  }
}

Deno.test("step() lets a terminal hibernate that got nothing for a while, and no other", () => {
  const room = new Room(3, 1);
  room.run(HIBERNATE_AFTER_MS - 2000);
  assert.equal(room.hibernating, 0);
  for (const terminal of room.terminals.slice(1)) terminal.usedMs = room.nowMs;
  room.run(4000);
  assert.deepEqual(room.terminals.map(({ isHibernating }) => isHibernating), [true, false, false]);
});

Deno.test("step() is never busy for long, and comes back soon for the rest", () => {
  const room = new Room(100, 6);
  room.nowMs = HIBERNATE_AFTER_MS;
  const pauseMs = room.hibernation.step();
  assert.equal(room.hibernating, 2);
  assert.ok(pauseMs <= 100);
  room.run(10_000);
  assert.equal(room.hibernating, 100);
});

Deno.test("step() frees memory once when all that can hibernate do, and not again", () => {
  const room = new Room(100, 6);
  room.nowMs = HIBERNATE_AFTER_MS;
  for (let i = 0; i < 49; i++) room.hibernation.step();
  assert.equal(room.collections, 0);
  room.run(120_000);
  assert.deepEqual([room.hibernating, room.collections], [100, 1]);
});

Deno.test("step() frees memory after much output, when it is quiet", () => {
  const room = new Room(1, 1);
  room.hibernation.took(10_000_000);
  room.hibernation.step();
  assert.equal(room.collections, 0);
  room.run(4000);
  assert.equal(room.collections, 1);
});

Deno.test("step() frees no memory after little output", () => {
  const room = new Room(0, 1);
  room.hibernation.took(1000);
  room.run(300_000);
  assert.equal(room.collections, 0);
});

Deno.test("step() frees memory some time after a terminal is gone also when it is never quiet", () => {
  const room = new Room(0, 1);
  room.hibernation.dropped();
  for (let i = 0; i < 50; i++) {
    room.hibernation.took(1);
    room.nowMs += room.hibernation.step();
  }
  assert.equal(room.collections, 0);
  for (let i = 0; i < 20; i++) {
    room.hibernation.took(1);
    room.nowMs += room.hibernation.step();
  }
  assert.equal(room.collections, 1);
});
