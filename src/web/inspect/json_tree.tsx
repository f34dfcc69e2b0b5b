/** A JSON text as a tree: closed parts are not in the page, and every value is shown as it came, as text and nothing else. @module */
import { createContext, type JSX } from "preact";
import { useContext, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { printable, printableLines } from "../../core/printable.ts";
import { plural } from "../../core/quantity.ts";
import { childrenOf, type JsonChild, stringOf, valueAt } from "../message/json_text.ts";
import {
  FIRST_CHARS,
  firstView,
  isContainer,
  type JsonView,
  matchPattern,
  MORE_CHARS,
  PAGE_CHILDREN,
  showing,
  toggled,
} from "./json_view.ts";

export interface JsonTreeProps {
  readonly text: string;
  readonly view: JsonView;
  /** What is searched for; "" for nothing. */
  readonly words: string;
  /** Where the match stands that the reader is at; -1 for none. */
  readonly matchAt: number;
  onView(view: JsonView): void;
}

const Tree = createContext<JsonTreeProps | null>(null);

export function JsonTree(props: JsonTreeProps): JSX.Element {
  const root = useMemo(() => valueAt(props.text, 0), [props.text]);
  return (
    <Tree.Provider value={props}>
      <ul class="json">
        <Node child={{ ...root, key: null, from: root.start }} />
      </ul>
    </Tree.Provider>
  );
}

function Node({ child }: { readonly child: JsonChild }): JSX.Element {
  const { text, view, matchAt } = useTree();
  const line = useRef<HTMLLIElement>(null);
  const isOpen = isContainer(child) && view.open.has(child.start);
  const isMatch = matchAt >= child.from && matchAt < (isOpen ? child.start : child.end);
  useLayoutEffect(() => {
    if (isMatch) line.current?.scrollIntoView({ block: "nearest" });
  }, [isMatch, matchAt]);
  const key = child.key !== null && (
    <>
      <Marked class="json-key" text={printable(child.key)} />
      <span class="json-dim">:</span>
      {" "}
    </>
  );
  return (
    <li ref={line} class={isMatch ? "json-match" : ""}>
      {isContainer(child)
        ? <Container child={child} isOpen={isOpen}>{key}</Container>
        : (
          <div class="json-line">
            {key}
            {child.kind === "string"
              ? <Text child={child} />
              : <Marked class={`json-${child.kind}`} text={printable(text.slice(child.start, child.end))} />}
          </div>
        )}
    </li>
  );
}

function Container(
  { child, isOpen, children: key }: {
    readonly child: JsonChild;
    readonly isOpen: boolean;
    readonly children: JSX.Element | false;
  },
): JSX.Element {
  const { text, view, onView } = useTree();
  const children = useMemo(() => childrenOf(text, child), [text, child.start]);
  const [open, close] = child.kind === "object" ? "{}" : "[]";
  if (children.length === 0) {
    return (
      <div class="json-line">
        {key}
        <span class="json-dim">{open}{close}</span>
      </div>
    );
  }
  const shown = Math.min(children.length, view.shown.get(child.start) ?? PAGE_CHILDREN);
  const count = plural(children.length, child.kind === "object" ? "member" : "item");
  return (
    <>
      <div class="json-line">
        <button
          type="button"
          class="json-toggle"
          aria-expanded={isOpen}
          aria-label={`${child.key === null ? child.kind : printable(stringOf(child.key))}, ${count}`}
          onClick={() => onView(toggled(view, child.start))}
        />
        {key}
        <span class="json-dim">{open}</span>
        {!isOpen && <span class="json-count">{count}</span>}
        {!isOpen && <span class="json-dim">{close}</span>}
      </div>
      {isOpen && (
        <>
          <ul>
            {children.slice(0, shown).map((one) => <Node key={one.from} child={one} />)}
            {shown < children.length && (
              <li>
                <button
                  type="button"
                  class="button small"
                  onClick={() => onView(showing(view, child.start, shown + PAGE_CHILDREN * 5))}
                >
                  Show more of {count}
                </button>
              </li>
            )}
          </ul>
          <div class="json-line json-dim">{close}</div>
        </>
      )}
    </>
  );
}

/** How a string is shown: as it came; what it says, which is easier to read where it has lines; as a tree where it is JSON itself. */
type TextForm = "json" | "text" | "tree";

function Text({ child }: { readonly child: JsonChild }): JSX.Element {
  const { text, view, words, onView } = useTree();
  const length = child.end - child.start;
  const shown = Math.min(length, view.shown.get(child.start) ?? FIRST_CHARS);
  const raw = text.slice(child.start, child.start + shown);
  const forms = formsOf(text.slice(child.start, child.start + FIRST_CHARS), length);
  const [chosen, setChosen] = useState<TextForm | null>(null);
  // What is searched for is found in the text as it came.
  const form = chosen ?? (words === "" && forms.includes("text") && child.key === '"text"' ? "text" : "json");
  return (
    <>
      {form === "text" && (
        <pre class="json-text"><Marked class="" text={printableLines(stringOf(raw))} /></pre>
      )}
      {form === "json" && <Marked class="json-string" text={printable(raw)} />}
      {form === "tree" && <Nested json={stringOf(text.slice(child.start, child.end))} />}
      {form !== "tree" && shown < length && <span class="json-dim">…</span>}
      <span class="json-actions">
        {forms.length > 1 &&
          forms.filter((one) => one !== form).map((one) => (
            <button
              key={one}
              type="button"
              class="button small"
              onClick={() => setChosen(one)}
            >
              {one === "json" ? "as it came" : `as ${one}`}
            </button>
          ))}
        {form !== "tree" && shown < length && (
          <button
            type="button"
            class="button small"
            onClick={() => onView(showing(view, child.start, shown + MORE_CHARS))}
          >
            Show more of {plural(length, "character")}
          </button>
        )}
      </span>
    </>
  );
}

/** JSON within a string, as tools like to answer: opened and closed on its own. */
function Nested({ json }: { readonly json: string }): JSX.Element {
  const { words } = useTree();
  const [view, setView] = useState(() => firstView(json, valueAt(json, 0)));
  return <JsonTree text={json} view={view} words={words} matchAt={-1} onView={setView} />;
}

function formsOf(start: string, length: number): readonly TextForm[] {
  const forms: TextForm[] = ["json"];
  if (length > 40 && /\\[nrt"]/.test(start)) forms.push("text");
  if (length > 20 && /^"(?:\s|\\[nrt])*(?:\{\s*(?:\\n\s*)*\\"|\[)/.test(start)) forms.push("tree");
  return forms;
}

/** Text in which what is searched for is marked. */
function Marked({ class: name, text }: { readonly class: string; readonly text: string }): JSX.Element {
  const pattern = matchPattern(useTree().words);
  if (!pattern || text.search(pattern) < 0) return <span class={name}>{text}</span>;
  const parts: (string | JSX.Element)[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    parts.push(text.slice(end, index), <mark key={index}>{found}</mark>);
    end = index + found.length;
  }
  return <span class={name}>{parts}{text.slice(end)}</span>;
}

function useTree(): JsonTreeProps {
  return useContext(Tree) as JsonTreeProps; // as: nodes stand only within a tree
}
