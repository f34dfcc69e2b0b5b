/**
 * An agent without a screen, that speaks Claude Code's stream of JSON: a few lines of sh. What it does stands in its prompt: `say …`, `hold` (until it
 * is ended), `deaf` (the same, and takes no notice of signals), `fail`, `signed-out`, `print …` (a line that is no JSON), `flood`, `env`.
 * @module
 */

const SCRIPT = String.raw`
prompt=$(cat)
event() { printf '%s\n' "$1"; }
result() { event '{"type":"result","subtype":"success","is_error":'"$1"',"result":"'"$2"'","num_turns":2,"duration_ms":7,"total_cost_usd":0.0123456,"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":3}}'; }
text() { event '{"type":"assistant","message":{"content":[{"type":"text","text":"'"$1"'"}]}}'; }
event '{"type":"system","subtype":"init","session_id":"conversation-1"}'
event '{"type":"a type of next year"}'
case $prompt in
  say*) text "thinking"
    event '{"type":"assistant","message":{"content":[{"type":"tool_use","name":"Bash","input":{"command":"ls"}}]}}'
    result false "$prompt $*" ;;
  deaf*) trap '' HUP INT TERM; sleep 1000 & echo "$$ $!" > pids; text "deaf"; while :; do sleep 0.1; done ;;
  hold*) sleep 1000 & echo "$$ $!" > pids; text "holding"; wait; sleep 1000 ;;
  fail*) result true "it cannot be done"; exit 1 ;;
  signed-out*) result true "Not logged in · Please run /login"; exit 1 ;;
  print*) echo "$prompt"; echo "$prompt" >&2; result false "$prompt" ;;
  flood*) head -c 30000000 /dev/zero | tr '\0' 'x' | fold -w 10000; echo; result false "flooded" ;;
  env*) result false "$(env | grep -o '^KM_[A-Z_]*=' | tr -d '\n')" ;;
esac
`;

/** Writes the script into `folder`; returns what stands under `providers` in config.jsonc. */
export function structuredAgent(folder: string): Readonly<Record<string, unknown>> {
  const path = `${folder}/structured_agent.sh`;
  Deno.writeTextFileSync(path, SCRIPT);
  return {
    command: ["/bin/sh", path],
    structured: {
      format: "claude-stream-json",
      args: [],
      fullAccessArgs: ["--all"],
      modelArgs: ["--model={model}"],
    },
  };
}
