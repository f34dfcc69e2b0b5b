import assert from "node:assert/strict";
import { costMicroUsd, inputPrice, nearModels } from "./price.ts";

const DAY = new Date("2026-11-21T00:00:00Z");

Deno.test.each([
  { model: "claude-sonnet-4-5", price: 3_000_000 },
  { model: "anthropic/claude-sonnet-4-5", price: 3_000_000 },
  { model: "openai/gpt-5", price: 1_250_000 },
  { model: "groq/llama-3.3-70b-versatile", price: 590_000 },
  { model: "bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", price: 3_300_000 },
  { model: "gemini/gemini-2.5-pro", price: 1_250_000 },
  { model: "Ollama/llama3:8b", price: 0 },
])("inputPrice() of $model is $price millionths of a dollar per million", async ({ model, price }) => {
  assert.equal(await inputPrice(model, DAY), price);
});

Deno.test.each([
  "llama-3.3-70b-versatile",
  "no-such-model",
  "no-such-provider/claude-sonnet-4-5",
  "",
  "/",
])("inputPrice() of %j is not known, and not 0", async (model) => {
  assert.equal(await inputPrice(model, DAY), null);
});

Deno.test.each([
  { model: "claude-sonet-4-5", near: "claude-sonnet-4-5" },
  { model: "anthropic/claude-sonet-4-5", near: "anthropic/claude-sonnet-4-5" },
  { model: "gpt5", near: "gpt-5" },
])("nearModels() of $model has $near, which has a price", async ({ model, near }) => {
  const names = await nearModels(model);
  assert.ok(names.includes(near) && names.length <= 3, names.join(", "));
  assert.notEqual(await inputPrice(near, DAY), null);
});

Deno.test.each(["no-such-model", "nobody/no-such-model", "", "/", "x".repeat(4096)])(
  "nearModels() of %j are none",
  async (model) => assert.deepEqual(await nearModels(model), []),
);

Deno.test("costMicroUsd() is a whole number, and null without a price", () => {
  assert.equal(costMicroUsd(1234, 3_000_000), 3702);
  assert.equal(costMicroUsd(1, 590_000), 1);
  assert.equal(costMicroUsd(0, 590_000), 0);
  assert.equal(costMicroUsd(5000, 0), 0);
  assert.equal(costMicroUsd(5000, null), null);
});
