// What both clients do with each server. A scenario returns every answer that must be the same with and without km.
import { mkdir, rm } from "node:fs/promises";

export const CAPABILITIES = { elicitation: {}, roots: {}, sampling: {} };

/** What a client answers when the server asks, by method. */
export function clientHandlers(folder) {
  const content = { type: "text", text: "sampled" };
  return Object.entries({
    "elicitation/create": () => ({
      action: "accept",
      content: { name: "Ada Lovelace", check: true, integer: 7 },
    }),
    "roots/list": () => ({
      roots: [{ uri: `file://${folder}`, name: "folder of the test" }],
    }),
    "sampling/createMessage": () => ({
      model: "model-of-the-test",
      role: "assistant",
      content,
    }),
  });
}

const SCENARIOS = { everything, filesystem, memory, modern };

export async function runScenario(client, name, folder) {
  const answers = [];
  // Keeps what came: the answer, or what the client made of the error.
  async function step(label, promise) {
    answers.push([
      label,
      await promise.catch((error) => ({
        thrown: error.message,
        code: error.code,
      })),
    ]);
  }
  const call = (tool, args = {}) =>
    client.callTool({ name: tool, arguments: args });
  await step("tools", client.listTools());
  await SCENARIOS[name]({ client, step, call, folder });
  return answers;
}

async function everything({ client, step, call }) {
  await step("echo", call("echo", { message: "hello" }));
  await step("sum", call("get-sum", { a: 2, b: 40 }));
  await step("image", call("get-tiny-image"));
  await step(
    "structured",
    call("get-structured-content", { location: "New York" }),
  );
  await step(
    "annotated",
    call("get-annotated-message", { messageType: "error", includeImage: true }),
  );
  await step(
    "slow",
    call("trigger-long-running-operation", { duration: 0.3, steps: 3 }),
  );
  await step(
    "sampling",
    call("trigger-sampling-request", {
      prompt: "say something",
      maxTokens: 10,
    }),
  );
  await step("elicitation", call("trigger-elicitation-request"));
  await step("roots", call("get-roots-list"));
  await step("bad arguments", call("get-sum", { a: "two" }));
  await step("unknown tool", call("no-such-tool"));
  await step("resources", client.listResources());
  await step("templates", client.listResourceTemplates());
  await step(
    "unknown resource",
    client.readResource({ uri: "demo://no/such" }),
  );
  await step("prompts", client.listPrompts());
  await step("prompt", client.getPrompt({ name: "simple-prompt" }));
  await step(
    "prompt with arguments",
    client.getPrompt({ name: "args-prompt", arguments: { city: "Paris" } }),
  );
  const ref = { type: "ref/prompt", name: "completable-prompt" };
  await step(
    "complete",
    client.complete({ ref, argument: { name: "department", value: "E" } }),
  );
  await step(
    "1 MB with emoji",
    call("echo", { message: "🦕 kilometer ".repeat(70_000) }),
  );
  const many = Array.from(
    { length: 200 },
    (_, index) => call("echo", { message: `number ${index}` }),
  );
  await step("200 at once", Promise.all(many));
  await step("ping", client.ping());
}

async function filesystem({ step, call, folder }) {
  const files = `${folder}/files`;
  await rm(files, { recursive: true, force: true });
  await mkdir(files);
  await step("allowed", call("list_allowed_directories"));
  await step(
    "write",
    call("write_file", {
      path: `${files}/a.txt`,
      content: "one\r\ntwo\ndrei: ü 🦕\n",
    }),
  );
  await step("read", call("read_text_file", { path: `${files}/a.txt` }));
  const edits = [{ oldText: "two", newText: "zwei" }];
  await step("edit", call("edit_file", { path: `${files}/a.txt`, edits }));
  await step("folder", call("create_directory", { path: `${files}/sub` }));
  await step(
    "move",
    call("move_file", {
      source: `${files}/a.txt`,
      destination: `${files}/sub/b.txt`,
    }),
  );
  await step("list", call("list_directory", { path: files }));
  await step("tree", call("directory_tree", { path: files }));
  await step(
    "search",
    call("search_files", { path: files, pattern: "**/*.txt" }),
  );
  await step("outside", call("read_text_file", { path: "/etc/hostname" }));
  await step(
    "missing",
    call("read_text_file", { path: `${files}/missing.txt` }),
  );
}

async function memory({ step, call, folder }) {
  await rm(`${folder}/memory.jsonl`, { force: true });
  const entities = ["Ada", "Grace"].map((name) => ({
    name,
    entityType: "person",
    observations: [`${name} programs`],
  }));
  await step("create", call("create_entities", { entities }));
  const relations = [{ from: "Ada", to: "Grace", relationType: "inspires" }];
  await step("relate", call("create_relations", { relations }));
  const observations = [{ entityName: "Ada", contents: ["wrote notes"] }];
  await step("observe", call("add_observations", { observations }));
  await step("search", call("search_nodes", { query: "notes" }));
  await step("open", call("open_nodes", { names: ["Grace"] }));
  await step(
    "observe nobody",
    call("add_observations", {
      observations: [{ entityName: "Nobody", contents: ["x"] }],
    }),
  );
  await step("delete", call("delete_entities", { entityNames: ["Grace"] }));
  await step("graph", call("read_graph"));
}

async function modern({ step, call }) {
  await step("upper", call("upper", { word: "hello" }));
  await step("order", call("order", { dish: "soup" }));
  await step("unknown tool", call("no-such-tool"));
}
