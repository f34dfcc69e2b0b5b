/** Sends a command, which waits until the session is idle; and what waits already. @module */
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { printable, printableLines } from "../../core/printable.ts";
import type { SessionBody } from "./session_states.ts";
import { cancelCommand, sendCommand } from "./session_requests.ts";
import { sessionsFeed } from "./sessions_feed.ts";
import type { Happenings } from "./use_commands.ts";

export interface PromptBoxProps {
  readonly session: SessionBody;
  readonly commands: Happenings;
  onProblem(problem: string | null): void;
}

export function PromptBox({ session, commands: { commands }, onProblem }: PromptBoxProps): JSX.Element {
  const [text, setText] = useState("");
  const [isSending, setSending] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  /** Sent again after a failure, it is the same command and runs once. */
  const commandId = useRef<string | null>(null);
  const queued = commands.filter(({ state }) => state === "queued");

  const send = async () => {
    if (text.trim() === "" || isSending) return;
    setSending(true);
    commandId.current ??= crypto.randomUUID();
    try {
      const command = await sendCommand(session.id, text, commandId.current);
      sessionsFeed.tell(session.id, { event: "command", command });
      commandId.current = null;
      setText("");
      onProblem(null);
    } catch (error) {
      onProblem(error instanceof Error ? error.message : String(error));
    }
    setSending(false);
    field.current?.focus();
  };
  const cancel = (id: string) => {
    cancelCommand(session.id, id).catch((error: Error) => onProblem(error.message));
  };
  return (
    <div class="prompt">
      {queued.length > 0 && (
        <ol class="prompt-queue" aria-label="Commands that wait until it is idle">
          {queued.map(({ id, text }) => (
            <li key={id}>
              <span class="tag">queued</span>
              <span class="prompt-queued" title={printableLines(text)}>{printable(text)}</span>
              <button
                type="button"
                class="button small quiet"
                aria-label={`Cancel ${printable(text)}`}
                onClick={() => cancel(id)}
              >
                Cancel
              </button>
            </li>
          ))}
        </ol>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <textarea
          ref={field}
          class="input"
          rows={Math.min(6, text.split("\n").length)}
          value={text}
          aria-label="Command"
          placeholder={session.state === "idle"
            ? "Send a command"
            : "Send a command: typed in when it is idle"}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value);
            commandId.current = null;
          }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void send();
          }}
        />
        <button type="submit" class="button primary" disabled={text.trim() === "" || isSending}>Send</button>
      </form>
    </div>
  );
}
