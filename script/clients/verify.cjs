// npm standardwebhooks and svix (the argument is the package): the same as verify.py.
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const { Webhook } = require(process.argv[2]);

// Both parse the body as JSON once its signature is right: a form is not, and that is no refusal.
function verify(webhook, body, headers) {
  try {
    webhook.verify(body, headers);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
}

for (const { secret, headers, body } of JSON.parse(readFileSync(process.env.SENT, "utf8"))) {
  const text = Buffer.from(body, "base64").toString();
  const webhook = new Webhook(secret);
  verify(webhook, text, headers);
  assert.throws(() => verify(webhook, `${text} `, headers), { name: /Error/ });
}
