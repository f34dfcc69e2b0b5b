import { deepStrictEqual, equal } from "node:assert/strict";
import {
  addressQuery,
  apiQuery,
  filtersOf,
  isNarrowed,
  type LiveFilters,
  NO_FILTERS,
  sameFilters,
} from "./live_filters.ts";

const SOME: LiveFilters = {
  ...NO_FILTERS,
  server: "files & more",
  tool: "read#1",
  kind: "response",
  outcome: "errors",
  search: "naïve + 1",
};

Deno.test("filtersOf() reads what addressQuery() wrote", () => {
  deepStrictEqual(filtersOf(new URLSearchParams(addressQuery(SOME))), SOME);
});

Deno.test("addressQuery() of nothing is nothing", () => equal(addressQuery(NO_FILTERS), ""));

Deno.test("filtersOf() leaves out what is no such value", () => {
  deepStrictEqual(
    filtersOf(new URLSearchParams("kind=nonsense&direction=up&outcome=ok&x=1&server=%20")),
    NO_FILTERS,
  );
});

Deno.test("apiQuery() asks for what the API knows, and adds", () => {
  equal(
    apiQuery(SOME, { limit: "200" }),
    "?server=files+%26+more&tool=read%231&search=na%C3%AFve+%2B+1&kind=response&limit=200",
  );
});

Deno.test("isNarrowed() and sameFilters() see every field", () => {
  equal(isNarrowed(NO_FILTERS), false);
  equal(isNarrowed({ ...NO_FILTERS, outcome: "errors" }), true);
  equal(sameFilters(SOME, { ...SOME, outcome: "" }), false);
  equal(sameFilters(SOME, { ...SOME }), true);
});
