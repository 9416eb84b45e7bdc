// A shared to-do list with an unmodified supabase-js. Usage: node todo.mjs ADDRESS TOKENS
import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";

const [address, tokens] = process.argv.slice(2);
const { ann, bob, eve } = JSON.parse(tokens);
const as = (token) => createClient(address, "publishable-key", { accessToken: async () => token ?? null });
const [Ann, Bob, Eve, Nobody] = [as(ann), as(bob), as(eve), as(null)];

async function ok(builder, expected) {
  const { data, error } = await builder;
  assert.equal(error, null, JSON.stringify(error));
  if (expected !== undefined) assert.deepEqual(data, expected);
  return data;
}

async function refused(builder, status, message) {
  const answer = await builder;
  assert.deepEqual([answer.status, answer.error?.code, answer.error?.message], [status, "42501", message]);
}

const violates = (table) => `new row violates row-level security policy for table "${table}"`;
const lists = (who) => who.from("lists").select("name,todos(task,done)").order("id");

// Ann makes two lists and shares one
const made = await ok(Ann.from("lists").insert([{ name: "Trip", owner: "ann" }, { name: "Diary", owner: "ann" }]).select());
const [trip, diary] = made.map((list) => list.id);
await ok(Ann.from("todos").insert([{ list_id: trip, task: "tickets" }, { list_id: diary, task: "write" }]));
await ok(lists(Bob), []);
await ok(Ann.from("list_members").insert({ list_id: trip, user_id: "bob" }).select(), [{ list_id: trip, user_id: "bob" }]);

// Bob works on the shared list, and only there
await ok(lists(Bob), [{ name: "Trip", todos: [{ task: "tickets", done: false }] }]);
const counted = await Bob.from("todos").select("*", { count: "exact", head: true });
assert.equal(counted.count, 1);
await ok(Bob.from("todos").update({ done: true }).gt("id", 0).select("task"), [{ task: "tickets" }]);
await ok(Bob.from("todos").insert({ list_id: trip, task: "map" }).select("task").single(), { task: "map" });
await refused(Bob.from("todos").insert({ list_id: diary, task: "snoop" }), 403, violates("todos"));
await refused(Bob.from("todos").update({ list_id: diary }).eq("task", "map"), 403, violates("todos"));
await refused(Bob.from("lists").insert({ name: "Forged", owner: "ann" }), 403, violates("lists"));
await refused(Bob.from("list_members").insert({ list_id: diary, user_id: "bob" }), 403, violates("list_members"));
await ok(Bob.from("lists").update({ name: "Mine" }).eq("id", trip).select(), []);
await ok(Bob.from("lists").delete().gt("id", 0).select(), []);

// Eve sees nothing, and whoever has no token is refused
await ok(lists(Eve), []);
await ok(Eve.from("todos").select(), []);
await ok(Eve.from("todos").delete().gt("id", 0).select(), []);
await refused(Nobody.from("lists").select(), 401, "permission denied for table lists");

// Ann still has everything, and stops sharing
await ok(lists(Ann), [
  { name: "Trip", todos: [{ task: "tickets", done: true }, { task: "map", done: false }] },
  { name: "Diary", todos: [{ task: "write", done: false }] },
]);
await ok(Ann.from("list_members").delete().eq("user_id", "bob"));
await ok(lists(Bob), []);
