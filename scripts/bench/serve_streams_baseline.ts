// deno-lint-ignore-file no-console -- a script; its output is its port
/**
 * What `serve_streams.ts` compares with: a server that has no store, no filters and no resume. Every 50 ms it makes the events that are due
 * and enqueues the same bytes to every response. Arguments: events per second, bytes of an event.
 * @module
 */
const [perSecond = "1000", eventBytes = "1000"] = Deno.args;
const TICK_MS = 50;
const encoder = new TextEncoder();
const controllers = new Set<ReadableStreamDefaultController<Uint8Array>>();

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
  let own: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      own = controller;
      controllers.add(controller);
    },
    cancel: () => void controllers.delete(own),
  });
  return new Response(body, {
    headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-transform" },
  });
});

const started = performance.now();
let made = 0;
setInterval(() => {
  const due = Math.floor((performance.now() - started) / 1000 * Number(perSecond));
  // As old as what the tail finds at a look: on average half of the interval.
  const ms = performance.timeOrigin + performance.now() - TICK_MS / 2;
  const time = `${new Date(ms).toISOString().slice(0, -1)}000Z`;
  const event = `id: 1\nevent: event\ndata: {"time":"${time}","payload":"`;
  const frame = event.padEnd(Number(eventBytes) - 4, "x") + '"}\n\n';
  const bytes = encoder.encode(frame.repeat(due - made));
  made = due;
  for (const controller of controllers) controller.enqueue(bytes);
}, TICK_MS);
console.log(server.addr.port);
