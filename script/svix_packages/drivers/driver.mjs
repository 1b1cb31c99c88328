// Call any method of the npm package `svix`, as its caller says; see script/svix_packages/caller.py.
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const HOME = "node_modules/svix";
const module = await import("svix");
const { Svix } = module.Svix ? module : module.default;
const { version } = JSON.parse(readFileSync(`${HOME}/package.json`));
const svix = new Svix(process.env.KEY, { serverUrl: process.env.CALLBOARD, retryScheduleInMs: [] });
const DATES = ["since", "until", "before", "after"];

// The types of arguments are in the sources that the package carries: by class, then by method.
const declared = {};
for (const name of readdirSync(`${HOME}/src/api`)) {
  const source = readFileSync(`${HOME}/src/api/${name}`, "utf8");
  for (const [, type, body] of source.matchAll(/^export class (\w+) \{([\s\S]*?)^\}/gm)) {
    declared[type] = {};
    for (const [, method, list] of body.matchAll(/public (?:async )?(\w+)\(([^)]*)\)\s*:/g)) {
      const args = list.split(",").map((part) => part.trim().split(/:\s*| = /)).filter(([arg]) => arg);
      const required = args.filter(([arg]) => !arg.endsWith("?"));
      declared[type][method] = required.map(([, kind]) => (kind === "string" ? "text" : kind));
    }
  }
}

const snake = (name) => name.replace(/[A-Z]/g, (char) => `_${char.toLowerCase()}`);
const functions = {};
const methods = {};
function collect(target, path) {
  const type = target.constructor;
  // The bundle appends $1 to names that occur twice in it.
  const { [type.name.replace(/\$\d+$/, "")]: known } = declared;
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(type.prototype))) {
    const where = [...path, snake(name)];
    if (property.get && typeof target[name] === "object") {
      collect(target[name], where);
    } else if (name !== "constructor" && typeof property.value === "function") {
      functions[where.join(".")] = (...args) => target[name](...args);
      methods[where.join(".")] = known[name];
    }
  }
}
collect(svix, []);

const withDates = (value) => {
  if (!value || typeof value !== "object" || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([key, each]) => [key, DATES.includes(key) ? new Date(each) : each]));
};

async function call({ method, args, options }) {
  try {
    const values = [...args, options].map(withDates);
    return { result: (await functions[method](...values)) ?? null };
  } catch (error) {
    if (typeof error.code !== "number") return { failed: String(error.stack) };
    return { status: error.code, code: error.body?.code };
  }
}

console.log(JSON.stringify({ version, methods }));
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await call(JSON.parse(line))));
}
