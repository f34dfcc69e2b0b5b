/**
 * A server with one mode for each way in which servers fail: they die, hang, flood, break lines, keep descriptors.
 *
 * `deno run -A fake_server.ts <mode> [args…]`. What it sees it writes to the file that FAKE_WITNESS names: what it read, which signals came.
 * "When told" is SIGUSR1, so that a test chooses the moment.
 *
 * | mode | args | what it does |
 * |---|---|---|
 * | echo | | answers each line with itself, until EOF |
 * | cat | | the same for bytes |
 * | sink | | reads to EOF, then answers `{bytes, sha256}` |
 * | mcp | | an MCP server, both eras; its tools are the turns of a conversation: `fail` (isError), `broken` (JSON-RPC error), `never` (no answer), `stubborn` (answers after it was cancelled), `ask` (asks the client under the same id), `input` (input_required, then a retry), `at_eof` (answers after EOF), `twice`, `wrong_type` ("5" for 5). Arrays are answered as arrays; server/discover is -32601 |
 * | ignore-eof | signals… | keeps running after EOF and after each of these signals |
 * | slow-after-eof | ms | answers what it was asked only `ms` after EOF |
 * | exit | code | exits when told, stdin open |
 * | exit-with-tail | code bytes | writes `bytes` when told and exits at once |
 * | die | signal | kills itself by `signal` when told |
 * | exit-on-signal | signal code | tidies up at `signal` and exits |
 * | close-stdout | code | closes its stdout, reads to EOF, exits |
 * | close-stdin | code | closes its stdin, writes a line each time it is told, exits after three |
 * | leave-behind | group or session, code | leaves a child that holds stdout and stderr; exits at EOF |
 * | emit | name | writes odd bytes (`ODD_BYTES`: crlf, bom, nul, banner, content-length, …), a piece for each byte it is sent |
 * | flood | stdout or stderr, bytes, bytes a line (0: no line end) | floods, then answers with what it is sent |
 * | huge | bytes | writes one line |
 * | write-then-read | bytes seed | does not read until it has written all |
 * | duplex | bytes seed | writes bytes cut at random places while it reads |
 * | stop-reading | | reads nothing, writes a line when told; at SIGUSR2 reads to EOF and answers `{bytes, sha256}` |
 *
 * @module
 */
import * as bytes from "./server_bytes.ts";
import * as life from "./server_life.ts";
import { mcp } from "./server_rpc.ts";
import { witness } from "./server_io.ts";

const MODES: Readonly<Record<string, (...args: string[]) => void | Promise<void>>> = {
  "echo": life.echo,
  "cat": bytes.cat,
  "sink": bytes.sink,
  "mcp": mcp,
  "ignore-eof": life.ignoreEof,
  "slow-after-eof": life.slowAfterEof,
  "exit": life.exitWhenTold,
  "exit-with-tail": life.exitWithTail,
  "die": life.dieWhenTold,
  "exit-on-signal": life.exitOnSignal,
  "close-stdout": life.closeStdout,
  "close-stdin": life.closeStdin,
  "leave-behind": life.leaveBehind,
  "emit": bytes.emit,
  "flood": bytes.flood,
  "huge": bytes.huge,
  "write-then-read": bytes.writeThenRead,
  "duplex": bytes.duplex,
  "stop-reading": bytes.stopReading,
};

if (import.meta.main) {
  const [name = "", ...args] = Deno.args;
  const mode = MODES[name];
  if (mode === undefined) throw new TypeError(`No mode "${name}"; one of ${Object.keys(MODES).join(", ")}`);
  witness("start");
  await mode(...args);
}
