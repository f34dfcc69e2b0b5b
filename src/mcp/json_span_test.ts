import assert from "node:assert/strict";
import { elementSpans, findValue, valueEnd } from "./json_span.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

Deno.test("elementSpans() cuts an array where its elements are", () => {
  const json = encoder.encode(` [ 1 ,"a,]\\"", {"x":[1,{}]} ,[],null]`);
  const elements = elementSpans(json).map(({ start, end }) => decoder.decode(json.subarray(start, end)));
  assert.deepEqual(elements, ["1", `"a,]\\""`, `{"x":[1,{}]}`, "[]", "null"]);
});

Deno.test("elementSpans() finds nothing in what is no array, and nothing in an empty one", () => {
  assert.deepEqual(elementSpans(encoder.encode("{}")), []);
  assert.deepEqual(elementSpans(encoder.encode("[ ]")), []);
});

Deno.test("findValue() follows a path past look-alikes; the last of equal keys counts", () => {
  const json = encoder.encode(`{"a":{"id":1},"x":"\\"id\\":2","\\u0069d": 3,"b":{"c":"d"},"id" : 4 }`);
  const at = findValue(json, ["id"]);
  assert.equal(decoder.decode(json.subarray(at, valueEnd(json, at))), "4");
  const inner = findValue(json, ["b", "c"]);
  assert.equal(decoder.decode(json.subarray(inner, valueEnd(json, inner))), `"d"`);
  assert.equal(findValue(json, ["b", "none"]), -1);
});

Deno.test("findValue() ends on a text that was cut off anywhere", () => {
  const json = encoder.encode(`{"a":[1,{"b":"c\\""}],"id":12,"d":{"e":null}}`);
  for (let length = 0; length < json.length; length++) findValue(json.subarray(0, length), ["d", "e"]);
});
