// npm svix: applications, endpoints, messages, attempts, event types, recovery, the portal, and what
// a receiver verifies. Field and method names of 1.x and 2.x.
// Environment: CALLBOARD, PLATFORM_KEY, RECEIVER.
const assert = require("node:assert/strict");
const { Svix } = require("svix");
const { version } = require("svix/package.json");

const svix = new Svix(process.env.PLATFORM_KEY, { serverUrl: process.env.CALLBOARD });
// Both generations may run against one installation.
const [APP, TYPE] = [`node-${version}`, `order.paid-${version.replaceAll(".", "-")}`];
const call = (object, names, ...args) => object[names.find((name) => name in object)](...args);

async function main() {
  const application = await svix.application.getOrCreate({ name: "Node", uid: APP });
  assert.equal((await svix.application.get(APP)).id, application.id);
  assert.ok(application.createdAt instanceof Date);
  await svix.eventType.create({ name: TYPE, description: "An order", schemas: { 1: { type: "object" } } });
  const types = { filterTypes: [TYPE], eventTypes: [TYPE] };
  const fields = { url: `${process.env.RECEIVER}/node`, uid: "node", ...types, metadata: { a: "b" } };
  const endpoint = await svix.endpoint.create(APP, fields);
  assert.deepEqual(endpoint.eventTypes ?? endpoint.filterTypes, [TYPE]);
  const patched = await svix.endpoint.patch(APP, "node", { description: "Patched" });
  assert.equal(patched.description, "Patched");
  const headers = { headers: { "X-A": "1" } };
  await call(svix.endpoint, ["setHeaders", "updateHeaders", "headersUpdate"], APP, "node", headers);
  assert.deepEqual((await svix.endpoint.getHeaders(APP, "node")).headers, { "X-A": "1" });
  assert.match((await svix.endpoint.getSecret(APP, "node")).key, /^whsec_/);
  await svix.endpoint.rotateSecret(APP, "node", {});
  const message = await svix.message.create(APP, { eventType: TYPE, payload: { n: 1 } });
  let attempts = [];
  for (const end = Date.now() + 20000; attempts.length === 0; ) {
    assert.ok(Date.now() < end, "the message was not delivered");
    await new Promise((resolve) => setTimeout(resolve, 100));
    attempts = (await svix.messageAttempt.listByEndpoint(APP, "node")).data;
  }
  assert.equal(attempts[0].responseStatusCode, 200);
  const attempt = await svix.messageAttempt.get(APP, message.id, attempts[0].id);
  assert.equal(attempt.msgId, message.id);
  await svix.messageAttempt.resend(APP, message.id, "node");
  const task = await svix.endpoint.recover(APP, "node", { since: new Date(Date.now() - 3600000) });
  assert.equal((await svix.backgroundTask.get(task.id)).task, "endpoint.recover");
  assert.ok((await svix.authentication.appPortalAccess(APP, {})).url.includes("/portal/"));
  await svix.endpoint.delete(APP, "node");
  await assert.rejects(svix.endpoint.get(APP, "node"), (error) => error.code === 404);
  console.log(`svix ${version}: applications, endpoints, messages, attempts, event types, recovery, the portal`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
