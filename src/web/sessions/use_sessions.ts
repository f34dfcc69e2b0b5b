/** The sessions' feed as hooks. @module */
import { useEffect, useReducer, useState } from "preact/hooks";
import { type SessionsFeed, sessionsFeed } from "./sessions_feed.ts";

/** All that is known of sessions; draws again when that changes. */
export function useSessions(): SessionsFeed {
  const [, draw] = useReducer((turn: number) => turn + 1, 0);
  useEffect(() => {
    sessionsFeed.start();
    draw(undefined);
    return sessionsFeed.onChange(() => draw(undefined));
  }, []);
  return sessionsFeed;
}

/** How many sessions want to be looked at; draws again when that changes. */
export function useAttentionCount(): number {
  const [count, setCount] = useState(sessionsFeed.attentionCount);
  useEffect(() => {
    sessionsFeed.start();
    const off = sessionsFeed.onChange(() => setCount(sessionsFeed.attentionCount));
    return () => {
      off();
      sessionsFeed.stop();
    };
  }, []);
  return count;
}
