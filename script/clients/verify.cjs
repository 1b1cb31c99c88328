// npm standardwebhooks and svix (the argument is the package): the same as verify.py.
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const { Webhook } = require(process.argv[2]);

// After checking the signature both parse the body as JSON, which fails for a form: not a rejection.
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
