/** One setting: its value, where that comes from, and how to change it. @module */
import type { JSX } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { answer, api, ApiFailure } from "../shell/api.ts";
import { ConfirmDialog } from "./confirm_dialog.tsx";
import { Choice } from "../ui/choice.tsx";

export interface Setting {
  readonly key: string;
  readonly value: string;
  readonly source: "environment" | "file" | "default";
  readonly default: string;
  readonly type: string;
  readonly choices: readonly string[] | null;
  readonly env: string;
  readonly help: string;
}

export function SettingRow(
  { setting, onSaved }: { readonly setting: Setting; onSaved(): void },
): JSX.Element {
  const { key, value, choices, help, env } = setting;
  const [text, setText] = useState(value);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [saved, setSaved] = useState(false);
  const [asking, setAsking] = useState(false);
  // A radio button that was clicked stays chosen in the browser, though the setting did not change: then it is made anew.
  const [refusals, setRefusals] = useState(0);
  const helpId = useId();
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
        setFailure(
          cause instanceof ApiFailure
            ? cause
            : new ApiFailure(0, { code: "internal", message: String(cause) }),
        );
        setText(value);
        setRefusals((before) => before + 1);
      },
    );
  };

  const choose = (choice: string) => {
    if (key === "redact" && choice === "off") setAsking(true);
    else save(choice);
  };

  return (
    <li class="setting">
      <div class="setting-what">
        <code class="setting-key">{key}</code>
        <p id={helpId}>{help}</p>
      </div>
      <div class="setting-value">
        {fromEnvironment ? <output class="setting-fixed">{value}</output> : choices
          ? (
            <Choice
              key={refusals}
              label={key}
              options={choices.map((choice) => ({ value: choice, label: choice }))}
              value={value}
              onChoose={choose}
            />
          )
          : (
            <form
              onSubmit={(event) => {
                event.preventDefault();
                save(text.trim());
              }}
            >
              <input
                class="input"
                aria-label={key}
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
                <button type="button" class="setting-reset" onClick={() => save(null)}>
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
        <ConfirmDialog
          title="Record secrets as they are?"
          action="Turn redaction off"
          onConfirm={() => {
            setAsking(false);
            save("off");
          }}
          onClose={() => {
            setAsking(false);
            setRefusals(refusals + 1);
          }}
        >
          Keys, tokens and passwords in messages that are recorded from then on stay readable in the database,
          for as long as the messages are kept.
        </ConfirmDialog>
      )}
    </li>
  );
}
