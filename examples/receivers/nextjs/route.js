// Receive callbacks with Next.js (App Router): app/hook/route.js
//
//   npm install standardwebhooks
//   CALLBOARD_SECRET=whsec_... npx next start --port 9000
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.CALLBOARD_SECRET);

// In production a table with the id as its primary key: INSERT ... ON CONFLICT DO NOTHING, and a
// worker that reads it. This Map is lost with the process.
const callbacks = new Map();

export async function POST(request) {
  // The raw text: a body that was parsed and serialized again has another signature.
  const body = await request.text();
  let event;
  try {
    event = webhook.verify(body, Object.fromEntries(request.headers));
  } catch (error) {
    return Response.json({ error: error.message }, { status: 401 });
  }
  const id = request.headers.get("webhook-id");
  if (!callbacks.has(id)) {
    callbacks.set(id, event);
    setTimeout(handle, 0, id, event);
  }
  return new Response(null, { status: 204 });
}

function handle(id, event) {
  console.log("handled", id, event.type);
}
