/** A typed caller of km's own API, made from the API's own types: a route that changes breaks its callers at compile time. @module */
import { hc } from "hono/client";
import type { Api } from "../api/app.ts";

export { readServerSentEvents, type ServerSentEvent } from "./sse.ts";

/** What a client needs to know of a daemon. */
export interface ClientOptions {
  /** `http://127.0.0.1:4242`; in a browser, the page's own origin. */
  readonly baseUrl: string;
  /** Bearer token; none where a cookie does. */
  readonly token?: string;
  readonly fetch?: typeof fetch;
}

export type Client = ReturnType<typeof hc<Api>>;

/** Returns a caller: `client.api.activity.$get({query: {limit: "10"}})`. */
export function createClient({ baseUrl, token, fetch }: ClientOptions): Client {
  return hc<Api>(baseUrl, {
    ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
    ...(fetch !== undefined && { fetch }),
  });
}
