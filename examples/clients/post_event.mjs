#!/usr/bin/env node
// Post one event, with nothing but Node.js 18 or newer.
//
//   CALLBOARD_API_KEY=cb_... node examples/clients/post_event.mjs encoding.finished '{"media_id": "a"}'
import { randomUUID } from "node:crypto";

// Returns the event's id and its deliveries. The event is stored then. Without a response, post it
// again with the same id: repeats are harmless.
async function postEvent(url, key, type, payload) {
  const response = await fetch(`${url}/api/v1/events`, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ id: randomUUID(), type, payload }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}

const [type, payload] = process.argv.slice(2);
const { CALLBOARD_URL = "http://127.0.0.1:8000", CALLBOARD_API_KEY } = process.env;
try {
  console.log(await postEvent(CALLBOARD_URL, CALLBOARD_API_KEY, type, JSON.parse(payload)));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
