/** API keys: for programs and other machines. A key is shown once, when it is made. @module */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { printable } from "../../core/printable.ts";
import { answer, api, type ApiFailure, asFailure, type JsonResponse, type Query } from "../shell/api.ts";
import type { Keys } from "../shell/contract.ts";
import { Card } from "../ui/card.tsx";
import { CopyLine } from "../ui/copy_line.tsx";
import { ErrorNote } from "../ui/error_note.tsx";
import { Ago } from "../ui/time.tsx";
import { ConfirmDialog } from "./confirm_dialog.tsx";

const SCOPES = [
  { scope: "ingest", what: "send events" },
  { scope: "read", what: "read everything recorded" },
  { scope: "sessions", what: "start sessions, type into them, end them" },
  { scope: "admin", what: "change settings, delete, make keys" },
] as const;
type Scope = typeof SCOPES[number]["scope"];

interface NewKey {
  readonly name: string;
  readonly key: string;
}

export function KeysCard({ keys: { data, error, refresh } }: { readonly keys: Query<Keys> }): JSX.Element {
  const [made, setMade] = useState<NewKey | null>(null);
  const [revoking, setRevoking] = useState<string | null>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);

  const revoke = (name: string) => {
    setRevoking(null);
    answer(api.keys[":name"].$delete({ param: { name } })).then(() => {
      setFailure(null);
      if (made?.name === name) setMade(null);
      refresh();
    }, (cause: unknown) => setFailure(asFailure(cause)));
  };

  return (
    <Card title="API keys" note="for programs and other machines">
      {error && <ErrorNote error={error} retry={refresh} />}
      {failure && <ErrorNote error={failure} />}
      {made && (
        <div class="key-made" role="status">
          <p>
            <strong>The key “{printable(made.name)}” is shown this once.</strong> km keeps only its hash.
          </p>
          <CopyLine text={made.key} label={`Copy the key ${printable(made.name)}`} />
          <button type="button" class="button small" onClick={() => setMade(null)}>I have kept it</button>
        </div>
      )}
      {data && data.keys.length > 0 && <KeyTable keys={data.keys} onRevoke={setRevoking} />}
      {data?.keys.length === 0 && (
        <p class="keys-none">
          No keys yet. A program on this machine may use the token in your files; another machine needs a key.
        </p>
      )}
      <NewKeyForm
        onMade={(key) => {
          setMade(key);
          setFailure(null);
          refresh();
        }}
        onFailure={setFailure}
      />
      {revoking !== null && (
        <ConfirmDialog
          title={`Revoke the key “${printable(revoking)}”?`}
          action="Revoke"
          onConfirm={() => revoke(revoking)}
          onClose={() => setRevoking(null)}
        >
          Whatever uses it is refused from now on.
        </ConfirmDialog>
      )}
    </Card>
  );
}

function KeyTable(
  { keys, onRevoke }: { readonly keys: Keys["keys"]; onRevoke(name: string): void },
): JSX.Element {
  return (
    <div class="table-scroll" role="group" aria-label="API keys" tabIndex={0}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">May</th>
            <th scope="col" class="wide-only">Made</th>
            <th scope="col">Last used</th>
            <th scope="col">
              <span class="sr-only">Revoke</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map(({ name, scopes, createdAt, lastUsedAt }) => (
            <tr key={name}>
              <td class="name">{printable(name)}</td>
              <td>{scopes.map((scope) => <span key={scope} class="tag">{scope}</span>)}</td>
              <td class="wide-only">
                <Ago iso={createdAt} />
              </td>
              <td>{lastUsedAt === null ? <span class="none">never</span> : <Ago iso={lastUsedAt} />}</td>
              <td class="number">
                <button type="button" class="button small danger" onClick={() => onRevoke(name)}>
                  Revoke<span class="sr-only">{printable(name)}</span>
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NewKeyForm(
  { onMade, onFailure }: { onMade(key: NewKey): void; onFailure(failure: ApiFailure): void },
): JSX.Element {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(["ingest"]);
  const isReady = name.trim() !== "" && scopes.length > 0;
  const toggle = (scope: Scope) =>
    setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope]);
  return (
    <form
      class="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady) return;
        answer(makeKey(name.trim(), scopes)).then((made) => {
          setName("");
          onMade(made);
        }, (cause: unknown) => onFailure(asFailure(cause)));
      }}
    >
      <label class="key-name">
        New key for
        <input
          class="input"
          value={name}
          maxLength={64}
          placeholder="build-server"
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      <fieldset class="key-scopes">
        <legend>which may</legend>
        {SCOPES.map(({ scope, what }) => (
          <label key={scope}>
            <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
            <span>
              {scope} <span class="sub">{what}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <button type="submit" class="button primary" disabled={!isReady}>Make key</button>
    </form>
  );
}

function makeKey(name: string, scopes: readonly Scope[]): Promise<JsonResponse<NewKey>> {
  // As: the type of the route has its 409 too, which answer() throws.
  return api.keys.$post({ json: { name, scopes: [...scopes] } }) as Promise<JsonResponse<NewKey>>;
}
