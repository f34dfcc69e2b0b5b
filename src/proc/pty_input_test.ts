import { verifies } from "../../tests/verifies.ts";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { startTerminal } from "../../tests/terminal.ts";
import { MAX_PTY_QUEUE_BYTES, Ptys } from "./pty.ts";

const unlessUnix = unlessOs("linux", "darwin");

/** `size` bytes that repeat nowhere soon, and their MD5. */
function paste(size: number): { readonly bytes: Uint8Array<ArrayBuffer>; readonly md5: string } {
  const bytes = new Uint8Array(size);
  for (let i = 0, value = 1; i < size; i++) bytes[i] = value = (value * 69069 + 12345) % 251;
  return { bytes, md5: createHash("md5").update(bytes).digest("hex") };
}

/** Reads `size` bytes of a raw terminal in `pieces` (a program for sh), says their MD5. */
function md5Program(size: number, reader = "cat"): readonly string[] {
  return ["sh", "-c", `stty raw -echo; printf ready; head -c ${size} | ${reader} | md5sum`];
}

for (const size of [20_000, 200_000, 1_048_576]) {
  testUnless(unlessUnix, `Pty.write() of ${size} bytes at once arrives, all of it`, async () => {
    await using ptys = new Ptys();
    const { bytes, md5 } = paste(size);
    const terminal = startTerminal(ptys, md5Program(size));
    await terminal.until(/ready/);
    assert.equal(terminal.pty.write(bytes), true);
    assert.equal((await terminal.exit).code, 0);
    assert.ok(terminal.text().includes(md5), terminal.text());
    assert.equal(terminal.pty.queuedBytes, 0);
  });
}

testUnless(unlessUnix, "Pty.write() of 1 MB in pieces arrives in order at a slow reader", async () => {
  verifies("pty-paste-1mb");
  await using ptys = new Ptys();
  const { bytes, md5 } = paste(1_000_000);
  // A reader that takes 500 bytes for each process that it starts.
  const slow = "{ for n in 1 2 3 4 5 6 7 8 9 10 11 12; do dd bs=500 count=1 2>/dev/null; done; cat; }";
  const terminal = startTerminal(ptys, md5Program(bytes.length, slow));
  await terminal.until(/ready/);
  for (let at = 0; at < bytes.length; at += 10_000) {
    assert.equal(terminal.pty.write(bytes.subarray(at, at + 10_000)), true);
  }
  assert.ok(terminal.pty.queuedBytes > 0);
  assert.equal((await terminal.exit).code, 0);
  assert.ok(terminal.text().includes(md5), terminal.text());
});

testUnless(
  unlessUnix,
  "Pty.write() keeps a copy: what the sender does with its bytes later changes nothing",
  async () => {
    await using ptys = new Ptys();
    const { bytes, md5 } = paste(200_000);
    const terminal = startTerminal(ptys, md5Program(bytes.length));
    await terminal.until(/ready/);
    terminal.pty.write(bytes);
    bytes.fill(0);
    await terminal.exit;
    assert.ok(terminal.text().includes(md5), terminal.text());
  },
);

testUnless(
  unlessUnix,
  "Pty.write() to a program that does not read waits in a bounded queue, and blocks nobody",
  async () => {
    verifies("session-fault-unread-paste");
    await using ptys = new Ptys();
    const deaf = startTerminal(ptys, ["sh", "-c", "stty raw -echo; printf ready; exec sleep 1000"]);
    await deaf.until(/ready/);
    assert.equal(deaf.pty.write(new Uint8Array(64 * 1024)), true);
    const first = deaf.pty.queuedBytes;
    assert.ok(first > 0 && first < 64 * 1024, String(first));
    assert.equal(deaf.pty.write(new Uint8Array(MAX_PTY_QUEUE_BYTES - first)), true);
    assert.equal(deaf.pty.write(new Uint8Array(1)), false);
    assert.equal(deaf.pty.queuedBytes, MAX_PTY_QUEUE_BYTES);
    // Others are served meanwhile.
    const other = startTerminal(ptys, ["cat"]);
    other.write("here\n\x04");
    assert.equal((await other.exit).code, 0);
    assert.deepEqual(await ptys.end(deaf.pty), { code: null, signal: "SIGHUP" });
    assert.equal(deaf.pty.queuedBytes, 0);
  },
);

testUnless(unlessUnix, "onData is never called inside write()", async () => {
  await using ptys = new Ptys();
  let isWriting = false;
  const terminal = startTerminal(ptys, ["cat"], { onData: () => assert.equal(isWriting, false) });
  for (let i = 0; i < 50; i++) {
    isWriting = true;
    terminal.write(`${i}\n`);
    isWriting = false;
    await terminal.until(new RegExp(`\\n?${i}\\r\\n${i}\\r\\n`));
  }
  terminal.write("\x04");
  await terminal.exit;
});

testUnless(
  unlessUnix,
  "Pty.type() hands over every echo once and in order, inside or outside of it",
  async () => {
    await using ptys = new Ptys();
    let isTyping = false;
    let inside = 0;
    const terminal = startTerminal(ptys, ["sh", "-c", "stty raw -echo; printf ready; exec cat"], {
      onData: () => isTyping && inside++,
    });
    await terminal.until(/ready/);
    let typed = "";
    // Some of them come at once, however busy the machine is.
    for (let i = 0; i < 50 || (Deno.build.os === "linux" && inside === 0 && i < 10_000); i++) {
      const key = String.fromCharCode(97 + i % 26);
      typed += key;
      isTyping = true;
      assert.equal(terminal.pty.type(new TextEncoder().encode(key)), true);
      isTyping = false;
      await terminal.until(new RegExp(`ready${typed}$`));
    }
    if (Deno.build.os === "linux") assert.ok(inside > 0);
  },
);

testUnless(unlessUnix, "Pty.type() misses nothing of what follows the echoes of many keys", async () => {
  await using ptys = new Ptys();
  const script =
    `stty raw -echo; printf ready; while read -r -n 1 key; do printf %s "$key"; [ "$key" = . ] && { sleep 0.02; printf later; }; done`;
  const terminal = startTerminal(ptys, ["bash", "-c", script]);
  await terminal.until(/ready/);
  for (const key of "a".repeat(200) + ".") terminal.pty.type(new TextEncoder().encode(key));
  await terminal.until(/readya{200}\.later$/);
});
