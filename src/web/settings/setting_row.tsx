/** One setting: its value, where that comes from, and how to change it. @module */
import type { JSX } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { answer, api, type ApiFailure, asFailure } from "../shell/api.ts";
import type { Setting } from "../shell/contract.ts";
import { ConfirmDialog } from "./confirm_dialog.tsx";
import { Choice } from "../ui/choice.tsx";
import { keepsLess } from "./retention.ts";
import { nameOfSetting } from "./setting_names.ts";

/** A value that is not taken before somebody agreed. Null: the default. */
interface Asking {
  readonly what: "redact" | "retention";
  readonly value: string | null;
}

export function SettingRow(
  { setting, onSaved }: { readonly setting: Setting; onSaved(): void },
): JSX.Element {
  const { key, value, choices, help, env } = setting;
  const [text, setText] = useState(value);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [saved, setSaved] = useState(false);
  const [asking, setAsking] = useState<Asking | null>(null);
  // A radio button that was clicked stays chosen in the browser, though the setting did not change: then it is made anew.
  const [refusals, setRefusals] = useState(0);
  const helpId = useId();
  const name = nameOfSetting(key);
  const label = name === null ? key : `${name}, ${key}`;
  const fromEnvironment = setting.source === "environment";
  const isDefault = setting.source === "default";
  useEffect(() => setText(value), [value]);

  const save = (next: string | null) => {
    setFailure(null);
    setSaved(false);
    answer(api.settings[":key"].$put({ param: { key }, json: { value: next } })).then(
      () => {
        setSaved(true);
        onSaved();
      },
      (cause: unknown) => {
        setFailure(asFailure(cause));
        setRefusals((before) => before + 1);
      },
    );
  };

  const change = (next: string | null) => {
    if (key === "redact" && next === "off") setAsking({ what: "redact", value: next });
    else if (keepsLess(key, value, next ?? setting.default)) setAsking({ what: "retention", value: next });
    else save(next);
  };

  return (
    <li class="setting">
      <div class="setting-what">
        <span class="setting-name">{name ?? key}</span>
        {name !== null && <code class="setting-key">{key}</code>}
        <p id={helpId}>{help}</p>
      </div>
      <div class="setting-value">
        {fromEnvironment ? <output class="setting-fixed">{value}</output> : choices
          ? (
            <Choice
              key={refusals}
              label={label}
              options={choices.map((choice) => ({ value: choice, label: choice }))}
              value={value}
              onChoose={change}
            />
          )
          : (
            <form
              onSubmit={(event) => {
                event.preventDefault();
                change(text.trim());
              }}
            >
              <input
                class="input"
                aria-label={label}
                aria-describedby={helpId}
                aria-invalid={failure !== null}
                value={text}
                autocomplete="off"
                spellcheck={false}
                onInput={({ currentTarget }) => setText(currentTarget.value)}
                onKeyDown={(event) => event.key === "Escape" && setText(value)}
              />
              {text.trim() !== value && <button type="submit" class="button small primary">Save</button>}
            </form>
          )}
        <p class="setting-source">
          {fromEnvironment
            ? (
              <>
                set by <code>{env}</code> in km's environment, which comes first
              </>
            )
            : isDefault
            ? "default"
            : (
              <>
                from your config file; default {setting.default}{" "}
                <button type="button" class="setting-reset" onClick={() => change(null)}>
                  Reset<span class="sr-only">{key}</span>
                </button>
              </>
            )}
          <span role="status">{saved && <span class="is-good setting-saved">saved</span>}</span>
        </p>
        {failure && (
          <p class="setting-failure" role="alert">
            {failure.message}
            {failure.hint !== null && <>: {failure.hint}</>}
          </p>
        )}
      </div>
      {asking && (
        <Consent
          what={asking.what}
          onConfirm={() => {
            setAsking(null);
            save(asking.value);
          }}
          onClose={() => {
            setAsking(null);
            setRefusals(refusals + 1);
          }}
        />
      )}
    </li>
  );
}

/** What somebody must agree to, because it cannot be undone. */
function Consent(
  { what, onConfirm, onClose }: { readonly what: Asking["what"]; onConfirm(): void; onClose(): void },
): JSX.Element {
  const actions = { onConfirm, onClose };
  if (what === "redact") {
    return (
      <ConfirmDialog title="Record secrets as they are?" action="Turn redaction off" {...actions}>
        Keys, tokens and passwords in messages that are recorded from then on stay readable in the database,
        for as long as the messages are kept.
      </ConfirmDialog>
    );
  }
  return (
    <ConfirmDialog title="Keep less than now?" action="Keep less" {...actions}>
      Messages beyond the new bound are deleted at once, the oldest first. This cannot be undone.
    </ConfirmDialog>
  );
}
