// Writes that survive retries, races and several tables, with an unmodified supabase-js. Usage: node writes.mjs ADDRESS
import assert from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";

const [address] = process.argv.slice(2);
const db = createClient(address, "publishable-key");

async function ok(builder, status, expected) {
  const answer = await builder;
  assert.equal(answer.error, null, JSON.stringify(answer.error));
  assert.equal(answer.status, status);
  if (expected !== undefined) assert.deepEqual(answer.data, expected);
  return answer.data;
}

async function refused(builder, status, code) {
  const { data, error, status: answered } = await builder;
  assert.equal(data, null);
  assert.deepEqual([answered, error?.code], [status, code], JSON.stringify(error));
}

// nested insert: a customer before the order, its lines after it, also in bulk
const [order] = await ok(
  db
    .from("orders")
    .insert({ note: "ring", customers: { name: "Bob" }, lines: [{ product_id: 1, quantity: 4 }, { product_id: 2, quantity: 1 }] })
    .select("id,note,customers(name),lines(product_id,quantity)"),
  201,
);
assert.deepEqual(order, {
  id: order.id,
  note: "ring",
  customers: { name: "Bob" },
  lines: [{ product_id: 1, quantity: 4 }, { product_id: 2, quantity: 1 }],
});
const bulk = [
  { customer_id: 1, lines: [{ product_id: 2, quantity: 3 }] },
  { customer_id: 1, lines: [] },
];
await ok(db.from("orders").insert(bulk).select("customer_id,lines(quantity)"), 201, [
  { customer_id: 1, lines: [{ quantity: 3 }] },
  { customer_id: 1, lines: [] },
]);
await refused(db.from("orders").insert({ customer_id: 1, lines: [{ product_id: 99, quantity: 1 }] }), 409, "23503");
await ok(db.from("orders").select("id.count()"), 200, [{ count: 3 }]);

// each row with its own values
await ok(db.from("products").update([{ id: 1, price: 0.6 }, { id: 3, price: 5.9 }]).select("id,price"), 200, [
  { id: 1, price: 0.6 },
  { id: 3, price: 5.9 },
]);
await ok(db.from("products").update([{ id: 1, price: 0.7 }]), 204);
await refused(db.from("products").update([{ id: 1, price: 9 }, { id: 99, price: 9 }]), 404, "PGRST116");
await ok(db.from("products").select("price").order("id"), 200, [{ price: 0.7 }, { price: 2.8 }, { price: 5.9 }]);

// a write that is repeated with its Idempotency-Key is done once
const key = crypto.randomUUID();
const add = (name) => db.from("customers").insert({ name }).setHeader("Idempotency-Key", key).select();
const [cleo] = await ok(add("Cleo"), 201);
await ok(add("Cleo"), 201, [cleo]);
await refused(add("Dora"), 422, "AR422");
await ok(db.from("customers").select("name").order("id"), 200, [{ name: "Ann" }, { name: "Bob" }, { name: "Cleo" }]);

// If-Match, with the tag that a custom fetch keeps
const tags = [];
const keeping = createClient(address, "publishable-key", {
  global: {
    fetch: async (...request) => {
      const response = await fetch(...request);
      tags.push(response.headers.get("etag"));
      return response;
    },
  },
});
await ok(keeping.from("products").select().eq("id", 1).single(), 200, { id: 1, name: "Apple", price: 0.7 });
const [tag] = tags;
assert.match(tag, /^"[^"]+"$/);
const save = (price) => keeping.from("products").update({ price }).eq("id", 1).setHeader("If-Match", tag);
await ok(save(0.8), 204);
await refused(save(0.9), 412, "AR412");
await ok(keeping.from("products").update({ price: 1 }).eq("id", 1).setHeader("If-Match", tags.at(-1)), 204);
await ok(db.from("products").select("price").eq("id", 1).single(), 200, { price: 1 });

// a batch, by fetch
async function batch(requests, headers = {}) {
  const response = await fetch(`${address}/rest/v1/`, {
    method: "POST",
    headers: { "Content-Type": "application/vnd.aurorest.batch+json", apikey: "publishable-key", ...headers },
    body: JSON.stringify(requests),
  });
  return [response, await response.json()];
}
const requests = [
  { method: "POST", path: "/orders", headers: { Prefer: "return=representation" }, body: { customer_id: 1 } },
  { method: "POST", path: "/lines", body: { order_id: { $ref: "0.body.0.id" }, product_id: 1, quantity: 2 } },
  { method: "GET", path: ["/lines?select=quantity&order_id=eq.", { $ref: "0.body.0.id" }] },
];
const once = { "Idempotency-Key": crypto.randomUUID() };
const [first, answers] = await batch(requests, once);
assert.deepEqual([first.status, first.headers.get("idempotency-replayed")], [200, null], JSON.stringify(answers));
assert.deepEqual(answers.map((answer) => answer.status), [201, 201, 200]);
assert.deepEqual(answers[2].body, [{ quantity: 2 }]);
const [again, repeated] = await batch(requests, once);
assert.equal(again.headers.get("idempotency-replayed"), "true");
assert.deepEqual(repeated, answers);
const [failed, error] = await batch([...requests, { method: "GET", path: "/products/99" }]);
assert.deepEqual([failed.status, error.code, error.request], [404, "PGRST116", 3]);
await ok(db.from("orders").select("id.count()"), 200, [{ count: 4 }]);
