import { deepEqual, equal } from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { detailJson, findEvent } from "../../store/events.ts";
import { makeCall, makeEvent, NOON_US, TempStore } from "../../store/testing.ts";
import { ErrorBody } from "../errors.ts";
import { EventDetailSchema } from "../schemas.ts";
import { TestApi } from "../testing_api.ts";

function get(store: TempStore, id: string): Promise<Response> {
  return new TestApi({ store, scopes: ["read"] }).get(`/api/events/${id}`);
}

Deno.test("GET /api/events/:id gives what km show --json prints, byte for byte, by a beginning of the id", async () => {
  verifies("api-event");
  using store = new TempStore();
  const { batch, request, response } = makeCall(NOON_US, "ok", {
    text: '{"n":1.0,"n":12345678901234567890}',
  });
  store.append(batch);
  for (const id of [request.id, response.id, request.id.toUpperCase()]) {
    const answer = await get(store, id);
    equal(answer.status, 200);
    const text = await answer.text();
    equal(text, detailJson(findEvent(store.db, id)));
    const detail = EventDetailSchema.parse(JSON.parse(text));
    equal(detail.event.id, id.toLowerCase());
    equal(detail.counterpart?.id, id === response.id ? request.id : response.id);
    equal(detail.call?.id, request.id);
  }
  const other = await get(store, findUnique(request.id, response.id));
  equal((await other.json()).event.id, request.id);
});

Deno.test("GET /api/events/:id is 404 for what is not there and 409 for a beginning that several ids have", async () => {
  verifies("api-event", "api-errors");
  using store = new TempStore();
  const { batch, request } = makeCall(NOON_US);
  store.append(batch);
  store.append({ events: [makeEvent("log", NOON_US)] });
  const cases = [["ffffffff", 404, "not_found"], ["no-id", 404, "not_found"], [
    request.id.slice(0, 8),
    409,
    "ambiguous",
  ]];
  for (const [id, status, code] of cases) {
    const answer = await get(store, String(id));
    equal(answer.status, status);
    const { error } = ErrorBody.parse(await answer.json());
    equal(error.code, code);
    deepEqual(error.hint === null, false);
  }
});

/** The shortest beginning of `id` that `other` does not have. */
function findUnique(id: string, other: string): string {
  let length = 1;
  while (other.startsWith(id.slice(0, length))) length++;
  return id.slice(0, length);
}
