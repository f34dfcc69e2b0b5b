/** The API that api-logger sends to: writes the id of each message that comes into a file, one a line. @module */
const { KM_RECEIVER_URL: url = "", KM_RECEIVER_FILE: file = "" } = Deno.env.toObject();
const { hostname, port } = new URL(url);

/** Its address comes when the cable is plugged in: until then it cannot be listened on. */
async function listen(): Promise<void> {
  for (;;) {
    try {
      await Deno.serve({ hostname, port: Number(port), onListen: () => {} }, receive).finished;
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrNotAvailable)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function receive(request: Request): Promise<Response> {
  const { messages } = await request.json() as { messages: { id: string }[] };
  await Deno.writeTextFile(file, messages.map(({ id }) => `${id}\n`).join(""), { append: true });
  return new Response(null, { status: 204 });
}

await listen();
