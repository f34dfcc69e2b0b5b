/** How pages ask km: the typed client, failures as people should read them, and `useQuery`. @module */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Client, createClient } from "../../client/client.ts";

const client: Client = createClient({ baseUrl: location.origin });

/** Calls km at the address this page came from; the browser's cookie says who asks. */
export const api: Client["api"] = client.api;

/** Asks whether km is alive. */
export function askHealth(signal: AbortSignal): ReturnType<Client["health"]["$get"]> {
  return client.health.$get({}, { init: { signal } });
}

/** A request that km refused, or that did not reach it (`code` "unreachable"). */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;

  constructor(
    status: number,
    error: {
      readonly code: string;
      readonly message: string;
      readonly hint?: string | null;
    },
  ) {
    super(error.message);
    this.status = status;
    this.code = error.code;
    this.hint = error.hint ?? null;
  }
}

/** A response, and the type of the JSON in it. */
export interface JsonResponse<Body> {
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<Body>;
}

/**
 * The body of a request that went well: `await answer(api.stats.$get({query: {since: "24h"}}, {init: {signal}}))`.
 * @throws {ApiFailure} for every other answer
 */
export async function answer<Body>(request: Promise<JsonResponse<Body>>): Promise<Body> {
  const response = await send(request);
  if (response.status === 204) return undefined as Body; // as: nothing is in it, and the type of the route says so
  return await response.json();
}

/**
 * The response of a request that went well, its body not read yet.
 * @throws {ApiFailure} for every other answer; a 401 also brings the sign-in page
 */
export async function send<Got extends JsonResponse<unknown>>(request: Promise<Got>): Promise<Got> {
  let response: Got;
  try {
    response = await request;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiFailure(0, {
      code: "unreachable",
      message: "km does not answer",
      hint: "start it with: km serve",
    });
  }
  if (response.status === 401) tellSignedOut();
  if (!response.ok) throw await failureOf(response);
  return response;
}

/** What a page knows about something that it asked for. */
export interface Query<Data> {
  /** The last answer, also while a newer one is on its way; null before the first. */
  readonly data: Data | null;
  /** Why the last attempt failed; null when it did not. */
  readonly error: ApiFailure | null;
  readonly loading: boolean;
  /** Asks again now. */
  refresh(): void;
}

/**
 * Asks when the page appears, when `key` changes, every `refreshMs` while the tab is visible, and by `refresh()`. A question
 * that is no longer of interest is aborted. A null `key` asks nothing.
 */
export function useQuery<Data>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<Data>,
  options: { readonly refreshMs?: number } = {},
): Query<Data> {
  const [state, setState] = useState<{ data: Data | null; error: ApiFailure | null; key: string | null }>({
    data: null,
    error: null,
    key: null,
  });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const refresh = useCallback(() => setTurn((before) => before + 1), []);
  const waiting = useRef(false);
  // A slow answer is waited for: asking again would begin from nothing, for ever.
  const refreshUnlessWaiting = useCallback(() => waiting.current || refresh(), [refresh]);

  useEffect(() => {
    if (key === null) return;
    const controller = new AbortController();
    waiting.current = true;
    latest.current(controller.signal).then(
      (data) => {
        if (controller.signal.aborted) return;
        waiting.current = false;
        setState({ data, error: null, key });
      },
      (cause: unknown) => {
        if (controller.signal.aborted) return;
        waiting.current = false;
        setState((before) => ({ data: before.data, error: asFailure(cause), key }));
      },
    );
    return () => controller.abort();
  }, [key, turn]);
  useRefresh(key === null ? null : options.refreshMs ?? null, refreshUnlessWaiting);
  return { data: state.data, error: state.error, loading: key !== null && state.key !== key, refresh };
}

/** Calls `refresh` every `everyMs` while the tab is visible, and when it becomes so. */
function useRefresh(everyMs: number | null, refresh: () => void): void {
  useEffect(() => {
    if (everyMs === null) return;
    const onVisible = () => document.visibilityState === "visible" && refresh();
    const timer = setInterval(onVisible, everyMs);
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [everyMs, refresh]);
}

/** True while km does not know who asks; draws again when that changes. */
export function useSignedOut(): readonly [boolean, (signedOut: boolean) => void] {
  const [value, setValue] = useState(signedOut);
  useEffect(() => {
    onSignedOut.add(setValue);
    setValue(signedOut);
    return () => void onSignedOut.delete(setValue);
  }, []);
  return [value, setSignedOut];
}

let signedOut = false;
const onSignedOut = new Set<(value: boolean) => void>();

function tellSignedOut(): void {
  setSignedOut(true);
}

function setSignedOut(value: boolean): void {
  signedOut = value;
  for (const listener of [...onSignedOut]) listener(value);
}

async function failureOf(response: JsonResponse<unknown>): Promise<ApiFailure> {
  const body = await response.json().catch(() => null) as { error?: ApiFailure } | null; // as: what every failure of the API has
  return new ApiFailure(response.status, {
    code: body?.error?.code ?? "unknown",
    message: body?.error?.message ?? `km answered with status ${response.status}`,
    hint: body?.error?.hint ?? null,
  });
}

/** Whatever was thrown, as a failure to show. */
export function asFailure(cause: unknown): ApiFailure {
  if (cause instanceof ApiFailure) return cause;
  return new ApiFailure(0, { code: "internal", message: String(cause) });
}
