// Runs the audits of graphql-http against a server and prints {"ok": n, "warn": [ids], "error": [ids]}.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.env.SERVER + "/graphql" });
const told = { ok: 0, warn: [], error: [] };
for (const result of results) {
  if (result.status === "ok") told.ok += 1;
  else told[result.status].push({ id: result.id, name: result.name, reason: result.reason });
}
console.log(JSON.stringify(told));
