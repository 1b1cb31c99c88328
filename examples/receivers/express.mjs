// Receive callbacks with Express.
//
//   npm install express standardwebhooks
//   CALLBOARD_SECRET=whsec_... node express.mjs
import express from "express";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.CALLBOARD_SECRET);
const app = express();

// In production a table with the id as its primary key: INSERT ... ON CONFLICT DO NOTHING, and a
// worker that reads it. This Map is lost with the process.
const callbacks = new Map();

// The raw bytes: a body that was parsed and serialized again has another signature.
app.post("/hook", express.raw({ type: "*/*", limit: "2mb" }), (request, response) => {
  let event;
  try {
    event = webhook.verify(request.body, request.headers);
  } catch (error) {
    response.status(401).json({ error: error.message });
    return;
  }
  const id = request.headers["webhook-id"];
  if (!callbacks.has(id)) {
    callbacks.set(id, event);
    setImmediate(handle, id, event);
  }
  response.status(204).end();
});

function handle(id, event) {
  console.log("handled", id, event.type);
}

app.listen(Number(process.env.PORT ?? 9000), "127.0.0.1");
