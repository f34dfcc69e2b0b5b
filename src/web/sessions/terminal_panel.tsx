/** The terminal that fills the page, and its tools: size, search, copy, reading only, the way out of it. @module */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { hasEnded } from "../../core/session.ts";
import { plural } from "../../core/quantity.ts";
import { printable, printableLines } from "../../core/printable.ts";
import { ConfirmDialog } from "../settings/confirm_dialog.tsx";
import { CopyButton } from "../ui/copy_line.tsx";
import { KeyRow, withCtrl } from "./key_row.tsx";
import { SearchBar } from "./search_bar.tsx";
import type { SessionBody } from "./session_states.ts";
import { SessionTerminal, type TerminalState } from "./session_terminal.ts";

/** Fingers and no keyboard, or hardly any room: not a place that decides how large a terminal is. */
const PHONE = "(pointer: coarse), (max-width: 760px)";
const READER_KEY = "km.sessions.screenReader";

export function TerminalPanel(
  { session, mayWrite }: { readonly session: SessionBody; readonly mayWrite: boolean },
): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const leave = useRef<HTMLButtonElement>(null);
  const terminal = useRef<SessionTerminal | null>(null);
  const [state, setState] = useState<TerminalState | null>(null);
  const [isReadOnly, setReadOnly] = useState(false);
  const [isReader, setReader] = useState(() => localStorage.getItem(READER_KEY) === "yes");
  const [isSearching, setSearching] = useState(false);
  const [isCtrl, setCtrl] = useState(false);
  const [link, setLink] = useState<string | null>(null);
  const [paste, setPaste] = useState<string | null>(null);
  const ctrl = useRef(false);
  ctrl.current = isCtrl;
  const isOver = hasEnded(session.state);

  const onKey = useRef((_event: KeyboardEvent): boolean => false);
  onKey.current = (event) => {
    const shortcut = shortcutOf(event);
    if (shortcut === null) return false;
    if (event.type === "keydown") {
      if (shortcut === "leave") leave.current?.focus();
      if (shortcut === "search") setSearching(true);
      if (shortcut === "copy") void navigator.clipboard.writeText(terminal.current?.selection ?? "");
      event.preventDefault();
    }
    return true;
  };

  useEffect(() => {
    if (!host.current) return;
    const made = new SessionTerminal({
      host: host.current,
      session,
      offersSize: !matchMedia(PHONE).matches,
      screenReader: isReader,
      onState: setState,
      onPaste: (text, isByLines) => {
        if (isByLines && /[\r\n]/.test(text.trimEnd())) setPaste(text);
        else made.paste(text);
      },
      onLink: setLink,
      onKey: (event) => onKey.current(event),
      onTyped: (bytes) => {
        if (!ctrl.current) return bytes;
        setCtrl(false);
        return withCtrl(bytes);
      },
    });
    terminal.current = made;
    return () => {
      terminal.current = null;
      made[Symbol.dispose]();
    };
  }, [session.id]);
  useEffect(() => {
    if (terminal.current) terminal.current.isReadOnly = isReadOnly || isOver || !mayWrite;
  }, [isReadOnly, isOver, mayWrite, session.id]);
  useEffect(() => {
    if (terminal.current) terminal.current.screenReader = isReader;
    localStorage.setItem(READER_KEY, isReader ? "yes" : "no");
  }, [isReader]);

  useSeenHeight();

  const closeSearch = () => {
    setSearching(false);
    terminal.current?.find("", "next");
    terminal.current?.focus();
  };
  return (
    <section class="terminal-panel" aria-label="Terminal">
      <div class="terminal-tools">
        <button
          ref={leave}
          type="button"
          class="button small quiet"
          title="Tab and Escape go to the program while the terminal has the focus. This brings you out."
          onClick={() => terminal.current?.focus()}
        >
          <span class="terminal-leave wide-only">
            <kbd>Ctrl</kbd>
            <kbd>Shift</kbd>
            <kbd>L</kbd> leaves the terminal
          </span>
          <span class="narrow-only">Type</span>
        </button>
        <span class="terminal-tools-end">
          {state?.hasSelection && <CopySelection terminal={terminal.current} />}
          <button
            type="button"
            class="button small quiet"
            aria-pressed={isSearching}
            title="Ctrl Shift F"
            onClick={() => isSearching ? closeSearch() : setSearching(true)}
          >
            Search
          </button>
          {!isOver && mayWrite && (
            <>
              <label class="terminal-check">
                <input
                  type="checkbox"
                  checked={isReadOnly}
                  onChange={({ currentTarget }) => setReadOnly(currentTarget.checked)}
                />
                Only look
              </label>
              {state && !state.isOwner && (
                <button
                  type="button"
                  class="button small"
                  title="The terminal becomes as large as this page, for everybody"
                  onClick={() => void terminal.current?.takeSize()}
                >
                  Take size
                </button>
              )}
            </>
          )}
          <label class="terminal-check wide-only">
            <input
              type="checkbox"
              checked={isReader}
              onChange={({ currentTarget }) => setReader(currentTarget.checked)}
            />
            Screen reader
          </label>
          {state && (
            <span
              class="terminal-size"
              title={state.isOwner ? "The size of this page" : "Somebody else's size"}
            >
              {state.size.cols} × {state.size.rows}
            </span>
          )}
        </span>
      </div>
      {isSearching && (
        <SearchBar
          found={state?.found ?? { index: -1, count: 0 }}
          onFind={(text, direction, isIncremental) => terminal.current?.find(text, direction, isIncremental)}
          onClose={closeSearch}
        />
      )}
      {state !== null && state.problem !== null && (
        <p class="terminal-problem" role="alert">{printable(state.problem)}</p>
      )}
      <div class="terminal-place" aria-busy={state === null || state.phase === "loading"}>
        <div class="terminal-host" ref={host} />
      </div>
      {!isOver && mayWrite && (
        <KeyRow
          isCtrl={isCtrl}
          hasApplicationCursor={() => terminal.current?.hasApplicationCursor ?? false}
          onCtrl={setCtrl}
          onKeys={(keys) => {
            terminal.current?.type(new TextEncoder().encode(keys));
            setCtrl(false);
          }}
        />
      )}
      {link !== null && (
        <ConfirmDialog
          title="Follow a link of this program?"
          action="Open in a new tab"
          onConfirm={() => {
            openLink(link);
            setLink(null);
          }}
          onClose={() => setLink(null)}
        >
          It leads to <code class="terminal-link">{printable(link)}</code>
        </ConfirmDialog>
      )}
      {paste !== null && (
        <ConfirmDialog
          title={`Paste ${plural(lineCount(paste), "line")}?`}
          action="Paste"
          onConfirm={() => {
            terminal.current?.paste(paste);
            setPaste(null);
          }}
          onClose={() => setPaste(null)}
        >
          This program runs each line as it comes.
          <code class="terminal-paste">{printableLines(paste.slice(0, 2000))}</code>
        </ConfirmDialog>
      )}
    </section>
  );
}

function CopySelection({ terminal }: { readonly terminal: SessionTerminal | null }): JSX.Element {
  return <CopyButton text={terminal?.selection ?? ""} label="Copy the selection" />;
}

/** How high the page is above a phone's keyboard, for the sheet of styles. */
function useSeenHeight(): void {
  useEffect(() => {
    const { visualViewport } = globalThis;
    const { style } = document.documentElement;
    const tell = () => style.setProperty("--seen-height", `${visualViewport?.height ?? innerHeight}px`);
    tell();
    visualViewport?.addEventListener("resize", tell);
    return () => {
      visualViewport?.removeEventListener("resize", tell);
      style.removeProperty("--seen-height");
    };
  }, []);
}

function shortcutOf(event: KeyboardEvent): "leave" | "search" | "copy" | null {
  if (!event.ctrlKey || !event.shiftKey || event.altKey) return null;
  switch (event.code) {
    case "KeyL":
      return "leave";
    case "KeyF":
      return "search";
    case "KeyC":
      return "copy";
    default:
      return null;
  }
}

/** Without any way back to this page. */
function openLink(url: string): void {
  if (/^https?:\/\//i.test(url)) open(url, "_blank", "noopener,noreferrer");
}

function lineCount(text: string): number {
  return text.trimEnd().split(/\r\n|\r|\n/).length;
}
