// Better Auth's verifyApiKey in this process: makes keys, then, for each line "SECONDS" on standard input, verifies random
// ones for so long, checks every answer, and prints one line of figures.
//
//     node verify.mjs DATABASE KEYS
import Database from "better-sqlite3";
import { apiKey } from "@better-auth/api-key";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";

const [path, count] = [process.argv[2], Number(process.argv[3])];
const permissions = { policies: ["read"] };

const database = new Database(path);
database.pragma("journal_mode = WAL");
const auth = betterAuth({
  database,
  secret: randomBytes(32).toString("hex"),
  baseURL: "http://localhost",
  emailAndPassword: { enabled: true },
  logger: { disabled: true },
  telemetry: { enabled: false },
  plugins: [apiKey({ rateLimit: { enabled: false } })],
});
await (await getMigrations(auth.options)).runMigrations();

const { user } = await auth.api.signUpEmail({
  body: { name: "bench", email: "bench@example.org", password: randomBytes(16).toString("hex") },
});
const keys = [];
database.pragma("synchronous = OFF"); // while the keys are made, which is not measured
for (let i = 0; i < count; ++i) {
  const made = await auth.api.createApiKey({ body: { name: `key ${i}`, userId: user.id, permissions } });
  keys.push({ key: made.key, id: made.id });
}
database.pragma("synchronous = NORMAL"); // what better-sqlite3 has by default in WAL mode
console.log(JSON.stringify({ keys: keys.length }));

for await (const line of createInterface({ input: process.stdin })) {
  const took = [];
  const began = process.hrtime.bigint();
  const end = began + BigInt(Math.round(Number(line) * 1e9));
  let now = began;
  while (now < end) {
    const { key, id } = keys[Math.floor(Math.random() * keys.length)];
    const answer = await auth.api.verifyApiKey({ body: { key, permissions } });
    if (!answer.valid || answer.key.id !== id) throw new Error("a wrong answer");
    const done = process.hrtime.bigint();
    took.push(Number(done - now) / 1000);
    now = done;
  }
  took.sort((a, b) => a - b);
  console.log(JSON.stringify({ per_second: took.length / (Number(now - began) / 1e9), p50_us: took[took.length >> 1] }));
}
