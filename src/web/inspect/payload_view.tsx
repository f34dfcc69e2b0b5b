/** A payload: as a tree, searched, or raw. @module */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { printable, printableLines } from "../../core/printable.ts";
import { formatBytes, plural } from "../../core/quantity.ts";
import { Choice } from "../ui/choice.tsx";
import { CopyButton } from "../ui/copy_line.tsx";
import type { Message } from "./detail.ts";
import { JsonTree } from "./json_tree.tsx";
import { findAll, firstView, MAX_MATCHES, revealing } from "./json_view.ts";
import { stringOf, valueAt } from "../message/json_text.ts";

/** Characters of a raw payload that are shown at once. */
const RAW_CHARS = 100_000;
const FORMS = [{ value: "tree", label: "Tree" }, { value: "raw", label: "Raw" }] as const;

export function PayloadView(
  { message, sha256 }: { readonly message: Message; readonly sha256: string | null },
): JSX.Element {
  const payload = useMemo(() => readable(message), [message]);
  const root = useMemo(() => valueAt(payload, 0), [payload]);
  const isText = root.kind === "string";
  const [form, setForm] = useState<"tree" | "raw">("tree");
  const [view, setView] = useState(() => firstView(payload, root));
  const [words, setWords] = useState("");
  const [turn, setTurn] = useState(0);
  const places = useMemo(() => findAll(payload, words), [payload, words]);
  const matchAt = places[turn] ?? -1;

  const goTo = (next: number, among: readonly number[]) => {
    const at = among.length === 0 ? 0 : (next + among.length) % among.length;
    setTurn(at);
    const place = among[at];
    if (place !== undefined) setView((before) => revealing(payload, root, before, place));
  };
  const search = (text: string) => {
    setWords(text);
    goTo(0, findAll(payload, text));
  };

  if (payload === "null") {
    return <p class="payload-none">Nothing of its payload is kept.</p>;
  }
  return (
    <div class="payload">
      {message.truncated && <Truncated message={message} keptChars={payload.length} sha256={sha256} />}
      <div class="payload-bar">
        {!isText && (
          <Choice
            label="Form"
            options={FORMS}
            value={form}
            onChoose={(chosen) => setForm(chosen)}
          />
        )}
        {!isText && form === "tree" && (
          <search class="payload-search">
            <input
              class="input"
              type="search"
              aria-label="Search in this message"
              placeholder="Search in this message"
              value={words}
              autocomplete="off"
              spellcheck={false}
              onInput={({ currentTarget }) => search(currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter") goTo(turn + (event.shiftKey ? -1 : 1), places);
              }}
            />
            {words !== "" && (
              <span class="payload-matches" role="status">
                {places.length === 0
                  ? "none"
                  : `${turn + 1} of ${places.length}${places.length === MAX_MATCHES ? "+" : ""}`}
              </span>
            )}
          </search>
        )}
        <CopyButton text={payload} label="Copy JSON of this message">Copy JSON</CopyButton>
      </div>
      {isText
        ? <Raw text={stringOf(payload)} lines />
        : form === "raw"
        ? <Raw text={payload} />
        : <JsonTree text={payload} view={view} words={words} matchAt={matchAt} onView={setView} />}
    </div>
  );
}

/** The payload; of a JSON message that was cut, which is recorded as a text, the JSON that there is of it. */
function readable({ payload, truncated }: Message): string {
  if (!truncated || !payload.startsWith('"')) return payload;
  const beginning = stringOf(payload);
  return /^\s*[{[]/.test(beginning) ? beginning : payload;
}

function Raw({ text, lines = false }: { readonly text: string; readonly lines?: boolean }): JSX.Element {
  const [shown, setShown] = useState(RAW_CHARS);
  const part = text.slice(0, shown);
  return (
    <>
      <pre class="payload-raw" tabIndex={0}>{lines ? printableLines(part) : printable(part)}</pre>
      {shown < text.length && (
        <button
          type="button"
          class="button small"
          onClick={() => setShown(shown + RAW_CHARS)}
        >
          Show more of {plural(text.length, "character")}
        </button>
      )}
    </>
  );
}

function Truncated(
  { message, keptChars, sha256 }: {
    readonly message: Message;
    readonly keptChars: number;
    readonly sha256: string | null;
  },
): JSX.Element {
  return (
    <div class="payload-truncated">
      <p>
        <strong>Stored in part.</strong> The message had {formatBytes(message.sizeBytes)}; about{" "}
        {formatBytes(keptChars)} of it are kept. All of it passed: only the record is shorter. The setting
        {" "}
        <code>bufferSize</code> says how much is kept of one message.
      </p>
      {sha256 !== null && (
        <p>
          SHA-256 of the whole: <code class="payload-hash">{sha256}</code>
        </p>
      )}
    </div>
  );
}
