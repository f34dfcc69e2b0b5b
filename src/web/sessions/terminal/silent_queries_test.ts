import { deepEqual, equal } from "node:assert/strict";
import headless from "@xterm/headless";
import { silenceQueries } from "./silent_queries.ts";

/** Everything that xterm.js 6.0.0 answers. */
const QUERIES = [
  "\x1b[c",
  "\x1b[0c",
  "\x1b[>c",
  "\x1b[=c",
  "\x1b[5n",
  "\x1b[6n",
  "\x1b[?6n",
  "\x1b[4$p",
  "\x1b[?2026$p",
  "\x1b[14t",
  "\x1b[16t",
  "\x1b[18t",
  "\x1b[>q",
  "\x1b[?u",
  "\x1b]4;1;?\x07",
  "\x1b]4;1;#ff0000;2;?\x07",
  "\x1b]10;?\x07",
  "\x1b]10;?;?\x07",
  "\x1b]11;?\x1b\\",
  "\x1b]12;?\x07",
  "\x1b]52;c;?\x07",
  "\x1bP$qm\x1b\\",
  "\x1bP$q q\x1b\\",
];

Deno.test("silenceQueries() leaves no query to be answered", async () => {
  equal((await answersOf(true)).length, 0);
  // The same terminal without it does answer: the test above can fail.
  equal((await answersOf(false)).length > 5, true);
});

Deno.test("silenceQueries() leaves alone what sets and draws", async () => {
  const terminal = new headless.Terminal({ allowProposedApi: true });
  const colors: string[] = [];
  silenceQueries(terminal.parser);
  terminal.parser.registerOscHandler(10, (data) => (colors.push(data), false));
  await write(terminal, "\x1b]10;#00ff00\x07\x1b[2;3Hhere\x1b[?2004h");
  equal(terminal.buffer.active.getLine(1)?.translateToString(true), "  here");
  equal(terminal.modes.bracketedPasteMode, true);
  deepEqual(colors, ["#00ff00"]);
});

async function answersOf(isSilent: boolean): Promise<string[]> {
  const terminal = new headless.Terminal({
    allowProposedApi: true,
    windowOptions: { getWinSizeChars: true },
  });
  const answers: string[] = [];
  terminal.onData((data) => void answers.push(data));
  if (isSilent) silenceQueries(terminal.parser);
  for (const query of QUERIES) await write(terminal, query);
  return answers;
}

function write(terminal: InstanceType<typeof headless.Terminal>, data: string): Promise<void> {
  return new Promise((resolve) => terminal.write(data, resolve));
}
