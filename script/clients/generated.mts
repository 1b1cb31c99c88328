// One call with the types that openapi-typescript generated into callboard.d.ts.
import createClient from "openapi-fetch";
import type { paths } from "./callboard.js";

const client = createClient<paths>({
  baseUrl: process.env.CALLBOARD!,
  headers: { Authorization: `Bearer ${process.env.KEY}` },
});
const { data, error } = await client.POST("/api/v1/events", {
  body: { type: "file.received", payload: { name: "a.mov" } },
});
if (error) throw new Error(error.detail);
console.log(data.id);
