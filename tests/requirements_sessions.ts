/** What sessions and tasks must do. `sessions §n` is a section of the issue "CLI sessions". @module */
import type { Requirement } from "./requirement.ts";

const make = (source: string, sentence: string): Requirement => ({ sentence, source });

export const SESSION_REQUIREMENTS = {
  // The terminal
  "pty-master-by-ffi": make(
    "sessions §1",
    "The master side of a terminal is libc by FFI; one poll thread serves all sessions.",
  ),
  "pty-controlling-terminal": make(
    "sessions §1",
    "A program's terminal is its controlling terminal: /dev/tty, job control, size, signals.",
  ),
  "pty-resolved-before-spawn": make(
    "sessions §1",
    "A program that is not found is an error before anything is started, never text.",
  ),
  "pty-fd-reuse": make(
    "sessions §1; trap 1",
    "A late event of an ended terminal never touches one that got its descriptor.",
  ),
  "pty-paused-no-spin": make(
    "sessions §1; trap 2",
    "A paused terminal whose program has ended costs no processor.",
  ),
  "pty-grandchild-holds": make(
    "sessions §1; trap 3",
    "A grandchild that holds the terminal open does not keep the end from being told.",
  ),
  "pty-systems": make(
    "sessions §1",
    "macOS constants are tested as data; ConPTY is written, its argument building tested; where it cannot run, sessions say so.",
  ),
  "pty-paste-1mb": make("sessions §1", "A paste of 1 MB arrives with its hash."),
  "pty-no-tail-lost": make("sessions §1", "No byte of the last output is lost in 100 runs."),
  "pty-no-leak": {
    sentence: "After 500 sessions no descriptor and no zombie is left.",
    source: "sessions §1",
  },
  "pty-one-thread": make("sessions §1", "50 sessions have no thread each."),

  // Sessions
  "session-providers": make(
    "sessions §2",
    "Providers are data files: claude, codex, gemini, cursor-agent, shell, and those of the user's config.",
  ),
  "session-full-access": make(
    "sessions §2",
    "Full access is off unless asked for, belongs to one session, is shown and audited.",
  ),
  "session-environment": {
    sentence: "A child's environment is an allow-list; it never sees the daemon's token.",
    source: "sessions §2, §3",
  },
  "session-auth-probe": make("sessions §2", "A provider's auth probe says whether it is signed in."),
  "session-states": make(
    "sessions §2",
    "A session is in one of a closed set of states; each change has a reason and a source.",
  ),
  "session-layers": make(
    "sessions §2",
    "Hooks and OSC signals beat patterns on the rendered screen, which beat quiet time.",
  ),
  "session-hysteresis": make("sessions §2", "States do not flicker."),
  "session-golden-screens": make(
    "sessions §2",
    "Recorded screens of the real CLIs lead to the right states.",
  ),
  "session-terminal-answers": make("sessions §2", "Only the server's terminal answers queries."),
  "session-snapshot-equal": make(
    "sessions §2",
    "A snapshot makes an empty terminal what the session's is, with all modes, at any byte.",
  ),
  "session-reconnect-exact": {
    sentence: "After a reconnect nothing is lost and nothing comes twice, whatever was missed.",
    source: "sessions §2",
  },
  "session-stored": make(
    "sessions §2",
    "Session, commands with time and outcome, output, history of states and exit are in the store; output is compressed and capped.",
  ),
  "session-retention": make("sessions §2", "Old sessions and too much output go."),
  "session-asciicast": {
    sentence: "`km sessions export` and `record` write asciicast v3.",
    source: "sessions §2",
  },
  "session-search": {
    sentence: "Past output is searched.",
    source: "sessions §2",
  },
  "session-lost-resume": {
    sentence:
      "After a restart or kill -9 of the daemon sessions are lost, with one step to resume where the provider can.",
    source: "sessions §2",
  },
  "session-recovery-report": {
    sentence:
      "Consistency is checked at the start, and what was repaired is reported; queued commands are still there.",
    source: "sessions §2",
  },
  "session-size-owner": make("sessions §2", "Several viewers, one owner of the size."),
  "session-read-only": {
    sentence: "Read-only viewers; input of a viewer without the right is refused.",
    source: "sessions §2",
  },
  "session-queue": make(
    "sessions §2",
    "Commands that are sent while the agent is busy wait and are typed in at idle: bracketed paste, then Enter as a write of its own.",
  ),
  "session-no-auto-confirm": make("sessions §2", "A trust or bypass dialog is never confirmed by km."),
  "task-lifecycle": {
    sentence:
      "A task goes from queued to running to done, failed or cancelled, with history, outputs, metrics and cost.",
    source: "sessions §2",
  },
  "task-structured": {
    sentence: "Tasks use a provider's structured mode where it has one, else a session.",
    source: "sessions §2",
  },
  "task-restart": {
    sentence: "Tasks survive a restart: queued again, running marked failed with the reason.",
    source: "sessions §2",
  },

  // API and WebSocket
  "session-api": {
    sentence:
      "REST: sessions are started, listed, read, ended, typed into, resized, signalled, shown, waited for, resumed; in OpenAPI and the typed client.",
    source: "sessions §3",
  },
  "session-api-history": {
    sentence: "History of a session: states, commands, output.",
    source: "sessions §3",
  },
  "task-api": {
    sentence: "REST: tasks are submitted, listed, read, cancelled.",
    source: "sessions §3",
  },
  "session-socket": {
    sentence:
      "One WebSocket for one session, and one for all, speak JSON control messages and binary frames.",
    source: "sessions §3",
  },
  "session-socket-auth": {
    sentence:
      "The first message authenticates within 5 s with a JWT for reading or writing, or the socket closes with 4401.",
    source: "sessions §3",
  },
  "session-socket-closes": {
    sentence: "Foreign origin 4403, unknown session 4404, protocol error 4400.",
    source: "sessions §3",
  },
  "session-socket-heartbeat": {
    sentence: "Heartbeats with timestamps both ways; dead peers are dropped in 30 s.",
    source: "sessions §3",
  },
  "session-socket-once": {
    sentence: "Messages are acknowledged by id; a command sent again after a reconnect runs once.",
    source: "sessions §3",
  },
  "session-backpressure": {
    sentence:
      "A viewer with 1 MiB unsent lags and gets one fresh snapshot; it slows no other; the program is held only when all lag or the parser does.",
    source: "sessions §3",
  },
  "session-limits": {
    sentence: "Limits: sessions per user, frame size, queue length, rate of failed authentication.",
    source: "sessions §3",
  },
  "session-scopes": {
    sentence: "Scopes decide who reads and who writes.",
    source: "sessions §3",
  },
  "session-audit": {
    sentence: "What somebody did to sessions is audited.",
    source: "sessions §3",
  },
  "session-secrets-masked": {
    sentence: "Secrets are masked in every answer and log.",
    source: "sessions §3",
  },

  // In the terminal and in the browser
  "session-run": make("sessions §4", "`km run <provider> [-- args]` starts and attaches."),
  "session-attach": make(
    "sessions §4",
    "Attach: raw mode, resize, detach key, the terminal restored whatever happens, inside tmux too.",
  ),
  "session-cli": make(
    "sessions §4",
    "`km sessions list|attach|detach|send|wait|screen|kill|resume|record|export|logs`.",
  ),
  "task-cli": make("sessions §4", "`km tasks submit|list|show|cancel`."),
  "session-dashboard": {
    sentence:
      "The Sessions page: a grid of live terminals, badges, waiting ones first, start dialog, export, copy, keyboard row, search in scrollback.",
    source: "sessions §4",
  },
  "session-notifications": {
    sentence: "The browser notifies when a session starts to wait or ends unseen.",
    source: "sessions §4",
  },
  "session-hostile-output": {
    sentence: "Clipboard and link sequences are off or confirmed; titles are stripped of control characters.",
    source: "sessions §4",
  },

  // Faults
  "session-fault-tcp-cut": {
    sentence: "TCP cut at 50 random places: no byte lost or doubled.",
    source: "sessions §5",
  },
  "session-fault-slow-viewer": {
    sentence: "A viewer that never reads costs bounded memory.",
    source: "sessions §5",
  },
  "session-fault-kill-9": {
    sentence:
      "After kill -9 of the daemon at random moments the store is sound, the queue intact, no program left.",
    source: "sessions §5",
  },
  "session-fault-sighup": {
    sentence: "A program that ignores SIGHUP is ended.",
    source: "sessions §5",
  },
  "session-fault-unread-paste": {
    sentence: "A 64 KB paste into a program that does not read blocks nothing.",
    source: "sessions §5",
  },
  "session-fault-full-disk": {
    sentence:
      "A disk that fills up ends no session; recording goes on when there is space, and says what is missing.",
    source: "sessions §5",
  },
} as const satisfies Record<string, Requirement>;
