import "./testing_page.ts";
import { deepEqual, equal, rejects } from "node:assert/strict";
import type { ConnectOptions, SessionLink } from "../../client/session_socket.ts";
import { ApiFailure } from "../shell/api.ts";
import { SessionsFeed } from "./sessions_feed.ts";
import { testingSession } from "./testing_session.ts";

/** A feed of who is answered so; and how its last link asks for a token. */
function setUp(token: (access: string) => Promise<string>) {
  let options: ConnectOptions | null = null;
  const link: Partial<SessionLink> = { watch: () => Promise.resolve([]), [Symbol.dispose]() {} };
  const feed = new SessionsFeed({
    token,
    connect(given) {
      options = given;
      return link as SessionLink; // as: what a feed does with it here
    },
  });
  return { feed, getToken: async () => await options?.getToken() };
}

/** Until listeners were told: nothing of it is left behind. */
function drawn(feed: SessionsFeed): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const off = feed.onChange(() => {
    off();
    resolve();
  });
  return promise;
}

const notAllowed = () => Promise.reject(new ApiFailure(403, { code: "forbidden", message: "no" }));

Deno.test("SessionsFeed.stop() forgets what the one who signed out may, and missed", async () => {
  const asked: string[] = [];
  const { feed, getToken } = setUp((access) => {
    asked.push(access);
    return access === "write" ? notAllowed() : Promise.resolve("token");
  });
  feed.start();
  equal(await getToken(), "token");
  deepEqual([asked, feed.mayWrite], [["write", "read"], false]);
  const changed = drawn(feed);
  const session = testingSession({ state: "idle", stateSince: new Date().toISOString(), seen: true });
  feed.lookAt(session.id);
  feed.put({ ...session, state: "running" });
  feed.put({ ...session, state: "waiting_input" });
  await changed;
  feed.stop();
  deepEqual([feed.mayWrite, feed.attentionCount], [true, 0]);
  const again = drawn(feed);
  feed.lookAt(null);
  feed.put({ ...session, state: "running" });
  equal(feed.attentionCount, 0);
  await again;
});

Deno.test("SessionsFeed.stop() hears no answer any more that is about who asked before", async () => {
  const answer = Promise.withResolvers<string>();
  const { feed, getToken } = setUp(() => answer.promise);
  feed.start();
  const token = getToken();
  feed.stop();
  answer.reject(new ApiFailure(403, { code: "forbidden", message: "no" }));
  await rejects(token);
  deepEqual([feed.mayWrite, feed.status, feed.failure], [true, "connecting", null]);
});
