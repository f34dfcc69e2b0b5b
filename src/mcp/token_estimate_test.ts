import assert from "node:assert/strict";
import { estimateResultTokens, estimateTokens, estimateUnseenTokens } from "./token_estimate.ts";

/** Counted with o200k_base on 2026-11-21. */
const COUNTED: [text: string, tokens: number][] = [
  ["Read the complete contents of a file from the file system as text. ".repeat(10), 140],
  ["模型上下文协议是一个开放标准，用于连接人工智能助手与数据系统。".repeat(10), 180],
];

for (const [text, tokens] of COUNTED) {
  Deno.test(`estimateTokens() is within 20 % of a tokenizer: ${text.slice(0, 20)}`, () => {
    assert.ok(Math.abs(estimateTokens(text) / tokens - 1) < 0.2, String(estimateTokens(text)));
  });
}

Deno.test("estimateResultTokens() counts prompts, resources and lists, and nothing that no model reads", () => {
  const text = "one two three";
  assert.equal(
    estimateResultTokens("prompts/get", { messages: [{ role: "user", content: { type: "text", text } }] }),
    3,
  );
  assert.equal(
    estimateResultTokens("resources/read", { contents: [{ uri: "a:", text }, { uri: "b:", blob: "AAAA" }] }),
    3,
  );
  assert.equal(
    estimateResultTokens("tools/call", { content: [{ type: "resource", resource: { uri: "a:", text } }] }),
    3,
  );
  assert.ok(estimateResultTokens("tools/list", { tools: [{ name: "echo" }] }) > 2);
  assert.equal(estimateResultTokens("initialize", { instructions: text }), 0);
});

Deno.test("estimateResultTokens() reads the size of a PNG", () => {
  const png = (width: number, height: number) => {
    const header = new Uint8Array(24);
    header.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
    new DataView(header.buffer).setUint32(16, width);
    new DataView(header.buffer).setUint32(20, height);
    return { content: [{ type: "image", mimeType: "image/png", data: header.toBase64() }] };
  };
  assert.equal(estimateResultTokens("tools/call", png(300, 250)), 100);
  assert.equal(estimateResultTokens("tools/call", png(9000, 9000)), 1600);
});

Deno.test("estimateResultTokens() bears results of any shape", () => {
  for (const content of [null, 1, "x", {}, [null, 1, {}], [{ type: "text" }], [{ type: "image", data: 7 }]]) {
    assert.ok(estimateResultTokens("tools/call", { content }) >= 0);
  }
});

Deno.test("estimateUnseenTokens() goes by size where a model reads the answer", () => {
  assert.equal(estimateUnseenTokens("tools/call", 4000), 1000);
  assert.equal(estimateUnseenTokens("initialize", 4000), 0);
});
