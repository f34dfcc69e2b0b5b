import assert from "node:assert/strict";
import { maskRows, type ScreenRow } from "./mask_rows.ts";
import { findSecrets, redactText } from "./redact.ts";

const TOKEN = `ghp_${"a1B2".repeat(9)}`;
const MASK = "[redacted:github-token]";
const KEY =
  "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSj\n-----END PRIVATE KEY-----";

/** `text` as a terminal of `cols` columns shows it. */
function rowsOf(text: string, cols: number): ScreenRow[] {
  return text.split("\n").flatMap((line) => {
    const rows = line.match(new RegExp(`.{1,${cols}}`, "gu")) ?? [""];
    return rows.map((row, at) => ({ text: row, goesOn: at < rows.length - 1 }));
  });
}

Deno.test("maskRows() finds a secret wherever the edge of the screen cuts it, in as many rows", () => {
  const text = `→ echo ${TOKEN} é; echo ${TOKEN}\nnext`;
  for (let cols = 2; cols < 120; cols++) {
    const rows = rowsOf(text, cols);
    const masked = maskRows(rows);
    assert.equal(masked.length, rows.length);
    const joined = rows.map(({ goesOn }, at) => `${masked[at]}${goesOn ? "" : "\n"}`).join("");
    assert.equal(joined, `→ echo ${MASK} é; echo ${MASK}\nnext\n`, `${cols} columns`);
  }
});

Deno.test("maskRows() leaves rows without a secret as they are, and hides a key of several lines", () => {
  const rows = rowsOf(`before\n\n${KEY}\nafter  it`, 40);
  assert.deepEqual(maskRows(rows), ["before", "", "[redacted:private-key]", "", "", "", "after  it"]);
});

Deno.test("findSecrets() finds what redactText() takes out", () => {
  for (
    const text of [`a ${TOKEN} b`, `é🙂 ${TOKEN}${KEY} ü`, `x\\u0067hp_${"a1B2".repeat(9)} y`, "nothing", ""]
  ) {
    let [at, masked] = [0, ""];
    for (const { start, end, mask } of findSecrets(text)) {
      masked += text.slice(at, start) + mask;
      at = end;
    }
    assert.equal(masked + text.slice(at), redactText(text));
  }
});
