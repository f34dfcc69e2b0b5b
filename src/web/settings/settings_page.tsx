/** Settings: what km does, where the data is and how to delete it, who may ask, this browser. @module */
import "./settings.css";
import type { JSX } from "preact";
import { answer, api, type Query, useQuery } from "../shell/api.ts";
import { Card } from "../ui/card.tsx";
import { ErrorNote } from "../ui/error_note.tsx";
import { PageHead } from "../ui/page_head.tsx";
import { RowsSkeleton } from "../ui/skeleton.tsx";
import { DataCard } from "./data_card.tsx";
import { KeysCard } from "./keys_card.tsx";
import { SessionCard } from "./session_card.tsx";
import { groupOf, GROUPS } from "./setting_groups.ts";
import { SettingRow } from "./setting_row.tsx";

export function SettingsPage(): JSX.Element {
  const settings = useQuery("settings", (signal) => answer(api.settings.$get({}, { init: { signal } })));
  const keys = useQuery("keys", (signal) => answer(api.keys.$get({}, { init: { signal } })));
  const { data, error, refresh } = settings;
  const groups = GROUPS.map((group) =>
    data && (
      <Card key={group.title} title={group.title} note={group.note}>
        <ul class="setting-list">
          {data.settings.filter(({ key }) => groupOf(key) === group).map((setting) => (
            <SettingRow key={setting.key} setting={setting} onSaved={refresh} />
          ))}
        </ul>
      </Card>
    )
  );
  return (
    <div class="settings">
      <PageHead
        title="Settings"
        note="km serve takes a change at once; a monitor that runs keeps what it started with, except retention"
      />
      {error && <ErrorNote error={error} retry={refresh} />}
      {/* All at once: nobody knows how high a card is before it is here, and those below it would jump. */}
      {isAnswered(settings) && isAnswered(keys)
        ? (
          <>
            {groups.slice(0, -1)}
            {data && <DataCard paths={data.paths} store={data.store} onDeleted={refresh} />}
            <KeysCard keys={keys} />
            <SessionCard />
            {groups.at(-1)}
          </>
        )
        : (
          <div class="card" aria-busy="true">
            <RowsSkeleton rows={12} />
          </div>
        )}
    </div>
  );
}

function isAnswered({ data, error }: Query<unknown>): boolean {
  return data !== null || error !== null;
}
