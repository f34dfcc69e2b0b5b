import assert from "node:assert/strict";
import { Backlog } from "./backlog.ts";
import { addressOf, type Libc, openLibc } from "./libc.ts";
import { ownSink, type Sink } from "./sink.ts";

const unixOnly = { ignore: Deno.build.os === "windows" };

function drain(libc: Libc, fd: number, memory: SharedArrayBuffer): number {
  let total = 0;
  for (let count = 1; count > 0;) {
    count = libc.calls.read(fd, addressOf(memory), memory.byteLength);
    total += Math.max(0, count);
  }
  return total;
}

Deno.test("ownSink() takes what fits and never waits", unixOnly, () => {
  using libc = openLibc();
  const pipe = libc.channel("write");
  const memory = new SharedArrayBuffer(1024 * 1024);
  const sink = ownSink(libc, pipe.writeFd);
  const taken = sink.write(addressOf(memory), memory.byteLength);
  assert.ok(taken > 0 && taken < memory.byteLength);
  assert.equal(sink.write(addressOf(memory), 1024), 0);
  libc.calls.close(pipe.readFd);
  assert.equal(sink.write(addressOf(memory), 1024), -1, "the reader has gone");
  sink.close();
});

Deno.test("Backlog keeps order and bytes through a slow sink, and grows to its bound only", unixOnly, () => {
  const out: number[] = [];
  const backlog = new Backlog(16, 64);
  const slow: Sink = {
    fd: -1,
    write(address, length) {
      const count = Math.min(5, length);
      const pointer = Deno.UnsafePointer.create(BigInt(address));
      assert.ok(pointer);
      out.push(...new Uint8Array(new Deno.UnsafePointerView(pointer).getArrayBuffer(count)));
      return count;
    },
    close() {},
  };
  let next = 0;
  for (let round = 0; round < 200; round++) {
    const size = Math.min(backlog.room, round % 13);
    backlog.hold(Uint8Array.from({ length: size }, () => next++ & 255));
    assert.ok(backlog.flushTo(slow));
    assert.ok(backlog.size <= 64);
  }
  while (backlog.size > 0) backlog.flushTo(slow);
  assert.deepEqual(out, Array.from({ length: next }, (_, i) => i & 255));
});

Deno.test("channel() hands over everything that was written before its end", unixOnly, () => {
  using libc = openLibc();
  const pipe = libc.channel("read");
  const memory = new SharedArrayBuffer(4096);
  libc.calls.write(pipe.writeFd, addressOf(memory), 4096);
  libc.calls.close(pipe.writeFd);
  assert.equal(drain(libc, pipe.readFd, memory), 4096);
  libc.calls.close(pipe.readFd);
});
