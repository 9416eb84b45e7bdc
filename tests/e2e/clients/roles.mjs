// An unmodified supabase-js, whose tokens come from elsewhere: two users and nobody. Usage: node roles.mjs ADDRESS TOKENS
import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";

const [address, tokens] = process.argv.slice(2);
const { ann, bob, expired } = JSON.parse(tokens);
const as = (token, base = address) =>
  createClient(base, "publishable-key", { accessToken: async () => token ?? null });

async function refused(builder, status, code) {
  const answer = await builder;
  assert.equal(answer.data, null);
  assert.deepEqual([answer.status, answer.error?.code], [status, code], JSON.stringify(answer));
  return answer.error;
}

async function ok(builder, expected) {
  const { data, error } = await builder;
  assert.equal(error, null, JSON.stringify(error));
  if (expected !== undefined) assert.deepEqual(data, expected);
  return data;
}

// a member writes and reads all of it
const member = as(ann);
const [milk] = await ok(member.from("todo").insert({ title: "buy milk", owner: "ann" }).select());
assert.deepEqual(milk, { id: milk.id, title: "buy milk", owner: "ann", done: false });
await ok(member.from("todo").update({ done: true }).eq("id", milk.id).select("done"), [{ done: true }]);
await ok(member.rpc("open_count"), 0);

// a reader reads, and is refused with 403 where it lacks a privilege
const reader = as(bob);
await ok(reader.from("todo").select("title,owner"), [{ title: "buy milk", owner: "ann" }]);
await refused(reader.from("todo").insert({ title: "x" }), 403, "42501");
await refused(reader.from("todo").delete().eq("id", milk.id), 403, "42501");
await refused(reader.rpc("open_count"), 403, "42501");

// nobody sees the columns that are granted, at either address, and is refused with 401
for (const nobody of [as(null), as(null, `${address}/anonymous`), as(ann, `${address}/anonymous`)]) {
  await ok(nobody.from("todo").select(), [{ id: milk.id, title: "buy milk" }]);
  const error = await refused(nobody.from("todo").select("owner"), 401, "42501");
  assert.equal(error.message, "permission denied for table todo");
  await refused(nobody.from("todo").insert({ title: "x" }), 401, "42501");
  await refused(nobody.from("private").select(), 401, "42501");
  await refused(nobody.from("nowhere").select(), 404, "PGRST205");
}

// tokens that do not hold
await refused(as(expired).from("todo").select(), 401, "PGRST303");
await refused(as(ann.slice(0, -4) + "AAAA").from("todo").select(), 401, "PGRST301");

await ok(member.from("todo").delete().eq("id", milk.id));
await ok(as(null).from("todo").select(), []);
