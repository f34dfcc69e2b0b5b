/** This browser: who it is to km, signing out, and which km this is. @module */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatDuration } from "../../core/quantity.ts";
import { answer, api, type ApiFailure, asFailure, askHealth, useQuery } from "../shell/api.ts";
import { Card } from "../ui/card.tsx";
import { ErrorNote } from "../ui/error_note.tsx";

const VIA = {
  cookie: "signed in by a link of km open",
  token: "signed in with the token",
  key: "signed in with an API key",
  jwt: "signed in with a stream token",
} as const;

export function SessionCard(): JSX.Element {
  const me = useQuery("me", (signal) => answer(api.auth.me.$get({}, { init: { signal } })));
  const health = useQuery("health", (signal) => answer(askHealth(signal)));
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const signOut = () => {
    answer(api.auth.session.$delete()).then(
      // A new page: nothing of what was shown stays in memory.
      () => location.assign("/"),
      (cause: unknown) => setFailure(asFailure(cause)),
    );
  };
  return (
    <Card title="This browser">
      {failure && <ErrorNote error={failure} />}
      <div class="card-body session">
        <p>
          {me.data ? VIA[me.data.via] : "…"}
          <span class="sub">
            {health.data && (
              <>
                km {health.data.version}
                {health.data.uptimeMs !== undefined &&
                  `, running for ${formatDuration(health.data.uptimeMs)}`}
              </>
            )}
          </span>
        </p>
        <button type="button" class="button" onClick={signOut}>Sign out</button>
      </div>
    </Card>
  );
}
