// The calls in the documentation of postgrest-js and supabase-js, made by an unmodified client.
import assert from "node:assert/strict";
import { PostgrestClient } from "@supabase/postgrest-js";
import { createClient } from "@supabase/supabase-js";

export function connect(client, address) {
  return client === "supabase-js"
    ? createClient(address, "publishable-key", { auth: { persistSession: false, autoRefreshToken: false } })
    : new PostgrestClient(`${address}/rest/v1`, { headers: { apikey: "publishable-key" } });
}

async function ok(builder, status = 200) {
  const answer = await builder;
  assert.equal(answer.error, null, JSON.stringify(answer.error));
  assert.equal(answer.status, status);
  return answer;
}

async function gives(builder, expected, status = 200) {
  assert.deepEqual((await ok(builder, status)).data, expected);
}

async function names(builder, ...expected) {
  const { data } = await ok(builder);
  assert.deepEqual(data.map((row) => row.name ?? row.title ?? row.catchphrase).sort(), expected.sort());
}

async function refused(builder, status, code, ...words) {
  const { data, error, status: answered } = await builder;
  assert.equal(data, null);
  assert.deepEqual([answered, error.code], [status, code], JSON.stringify(error));
  for (const word of words) assert.ok(JSON.stringify(error).includes(word), `${JSON.stringify(error)}: ${word}`);
  return error;
}

const LUKE = { id: 1, name: "Luke", homeworld: "Tatooine" };
const LEIA = { id: 2, name: "Leia", homeworld: null };
const HAN = { id: 3, name: "Han", homeworld: "Corellia" };

export const calls = {
  // Select
  "select: getting your data": async (db) => gives(db.from("characters").select().order("id"), [LUKE, LEIA, HAN]),
  "select: specific columns": async (db) =>
    gives(db.from("characters").select("name").order("id"), [{ name: "Luke" }, { name: "Leia" }, { name: "Han" }]),
  "select: renamed columns and casts": async (db) =>
    gives(db.from("users").select("who:name,balance::text").eq("id", 1), [{ who: "Kiran", balance: "10.50" }]),
  "select: referenced tables": async (db) =>
    gives(db.from("orchestral_sections").select(`
        name,
        instruments (
          name
        )
      `).order("id").order("id", { referencedTable: "instruments" }), [
      { name: "strings", instruments: [{ name: "violin" }, { name: "harp" }] },
      { name: "woodwinds", instruments: [{ name: "flute" }] },
      { name: "percussion", instruments: [] },
    ]),
  "select: referenced tables with spaces in their names": async (db) =>
    gives(db.from("orchestral sections").select(`
        name,
        "musical instruments" (
          name
        )
      `).order("id"), [
      { name: "strings", "musical instruments": [{ name: "harp" }] },
      { name: "woodwinds", "musical instruments": [{ name: "flute" }] },
    ]),
  "select: referenced tables through a join table": async (db) =>
    gives(db.from("users").select(`
        name,
        teams (
          name
        )
      `).order("id").order("id", { referencedTable: "teams" }), [
      { name: "Kiran", teams: [{ name: "Green" }, { name: "Blue" }] },
      { name: "Evan", teams: [{ name: "Blue" }] },
      { name: "Wen", teams: [] },
    ]),
  "select: the same referenced table twice, by column": async (db) =>
    gives(db.from("messages").select(`
        content,
        from:sender_id(name),
        to:receiver_id(name)
      `).eq("id", 1), [{ content: "👋", from: { name: "Kiran" }, to: { name: "Evan" } }]),
  "select: the same referenced table twice, by foreign key": async (db) =>
    gives(db.from("messages").select(`
        content,
        from:users!messages_sender_id_fkey(name),
        to:users!messages_receiver_id_fkey(name)
      `).eq("id", 2), [{ content: "lunch?", from: { name: "Evan" }, to: { name: "Kiran" } }]),
  "select: nested tables through a join table": async (db) =>
    gives(db.from("games").select(`
        game_id:id,
        away_team:teams!games_away_team_fkey (
          users (
            id,
            name
          )
        )
      `), [{ game_id: 1, away_team: { users: [{ id: 1, name: "Kiran" }] } }]),
  "select: filtering through referenced tables": async (db) =>
    gives(db.from("instruments").select("name, orchestral_sections(*)").eq("orchestral_sections.name", "woodwinds").order("id"), [
      { name: "violin", orchestral_sections: null },
      { name: "harp", orchestral_sections: null },
      { name: "flute", orchestral_sections: { id: 2, name: "woodwinds" } },
      { name: "theremin", orchestral_sections: null },
    ]),
  "select: referenced table with count": async (db) =>
    gives(db.from("orchestral_sections").select(`name, instruments(count)`).order("id"), [
      { name: "strings", instruments: [{ count: 2 }] },
      { name: "woodwinds", instruments: [{ count: 1 }] },
      { name: "percussion", instruments: [{ count: 0 }] },
    ]),
  "select: count without rows": async (db) => {
    const { data, count } = await ok(db.from("characters").select("*", { count: "exact", head: true }));
    assert.deepEqual([data, count], [null, 3]);
  },
  "select: exact count beside a page": async (db) => {
    const { data, count } = await ok(db.from("characters").select("id", { count: "exact" }).order("id").range(0, 1), 206);
    assert.deepEqual([data, count], [[{ id: 1 }, { id: 2 }], 3]);
  },
  "select: planned count": async (db) => {
    const { count } = await ok(db.schema("world").from("continents").select("code", { count: "planned" }));
    assert.equal(count, 7);
  },
  "select: estimated count": async (db) => {
    const { data, count } = await ok(db.schema("world").from("cities").select("id", { count: "estimated" }).limit(1), 206);
    assert.equal(data.length, 1);
    assert.ok(count > 1000, `${count}`);
  },
  "select: JSON data": async (db) =>
    gives(db.from("users").select(`
        id, name,
        address->city
      `).order("id"), [
      { id: 1, name: "Kiran", city: "Amsterdam" },
      { id: 2, name: "Evan", city: "Basel" },
      { id: 3, name: "Wen", city: null },
    ]),
  "select: inner join": async (db) =>
    gives(db.from("instruments").select("name, orchestral_sections!inner(name)").eq("orchestral_sections.name", "woodwinds").limit(1), [
      { name: "flute", orchestral_sections: { name: "woodwinds" } },
    ]),
  "select: spread": async (db) =>
    gives(db.from("instruments").select("name, ...orchestral_sections(section:name)").eq("id", 3), [
      { name: "flute", section: "woodwinds" },
    ]),
  "select: aggregates": async (db) =>
    gives(db.from("users").select("balance.sum(), id.count()"), [{ sum: 110.49, count: 3 }]),
  "select: another schema": async (db) =>
    gives(db.schema("world").from("countries").select("name, continents(name)").eq("code", "CH"), [
      { name: "Switzerland", continents: { name: "Europe" } },
    ]),
  "select: a view": async (db) => {
    const { data } = await ok(db.schema("world").from("continent_statistics").select("code, countries").eq("code", "AN"));
    assert.equal(data.length, 1);
    assert.ok(data[0].countries >= 1);
  },
  "schema: getOpenApiSpec": async (db) => {
    const { data } = await ok(db.getOpenApiSpec());
    assert.ok(data.paths["/characters"] ?? Object.keys(data.paths).some((path) => path.endsWith("/characters")));
  },

  // Filters
  "filter: eq": async (db) => gives(db.from("characters").select().eq("name", "Leia"), [LEIA]),
  "filter: neq": async (db) => names(db.from("characters").select().neq("name", "Leia"), "Luke", "Han"),
  "filter: gt": async (db) => gives(db.from("characters").select().gt("id", 2), [HAN]),
  "filter: gte": async (db) => names(db.from("characters").select().gte("id", 2), "Leia", "Han"),
  "filter: lt": async (db) => gives(db.from("characters").select().lt("id", 2), [LUKE]),
  "filter: lte": async (db) => names(db.from("characters").select().lte("id", 2), "Luke", "Leia"),
  "filter: like": async (db) => gives(db.from("characters").select().like("name", "%Lu%"), [LUKE]),
  "filter: like is case-sensitive": async (db) => gives(db.from("characters").select().like("name", "%lu%"), []),
  "filter: ilike": async (db) => gives(db.from("characters").select().ilike("name", "%lu%"), [LUKE]),
  "filter: likeAllOf": async (db) => gives(db.from("characters").select().likeAllOf("name", ["%L%", "%u%"]), [LUKE]),
  "filter: likeAnyOf": async (db) => names(db.from("characters").select().likeAnyOf("name", ["%Lu%", "%Ha%"]), "Luke", "Han"),
  "filter: ilikeAllOf": async (db) => gives(db.from("characters").select().ilikeAllOf("name", ["%l%", "%U%"]), [LUKE]),
  "filter: ilikeAnyOf": async (db) => names(db.from("characters").select().ilikeAnyOf("name", ["%lu%", "%HA%"]), "Luke", "Han"),
  "filter: regexMatch": async (db) => names(db.from("characters").select().regexMatch("name", "^L"), "Luke", "Leia"),
  "filter: regexIMatch": async (db) => gives(db.from("characters").select().regexIMatch("name", "^h.n$"), [HAN]),
  "filter: is null": async (db) => gives(db.from("countries").select("id").is("name", null), [{ id: 4 }]),
  "filter: is true": async (db) => names(db.from("instruments").select().is("available", true), "violin", "flute", "theremin"),
  "filter: is false": async (db) => names(db.from("instruments").select().is("available", false), "harp"),
  "filter: isDistinct": async (db) => names(db.from("characters").select().isDistinct("homeworld", "Tatooine"), "Leia", "Han"),
  "filter: in": async (db) => names(db.from("characters").select().in("name", ["Leia", "Han"]), "Leia", "Han"),
  "filter: in with commas, quotes and parentheses": async (db) => {
    await ok(db.from("characters").insert([{ name: "a,b" }, { name: "(c)" }, { name: 'd"e' }]), 201);
    await names(db.from("characters").select().in("name", ["a,b", "(c)", 'd"e', "Han"]), "a,b", "(c)", 'd"e', "Han");
  },
  "filter: notIn": async (db) => names(db.from("characters").select().notIn("name", ["Leia", "Han"]), "Luke"),
  "filter: contains, array": async (db) =>
    names(db.from("issues").select().contains("tags", ["is:open", "priority:low"]), "Cache invalidation is not working"),
  "filter: contains, JSON": async (db) => gives(db.from("users").select("name").contains("address", { postcode: 90210 }), [{ name: "Evan" }]),
  "filter: contains on a range is refused": async (db) => {
    const { error, status } = await db.from("reservations").select().contains("during", "[2000-01-01 13:00, 2000-01-01 13:30)");
    assert.equal(status, 400, JSON.stringify(error));
  },
  "filter: containedBy, array": async (db) =>
    names(db.from("classes").select("name").containedBy("days", ["monday", "tuesday", "wednesday", "friday"]), "Chemistry"),
  "filter: containedBy, JSON": async (db) => gives(db.from("users").select("name").containedBy("address", {}), []),
  "filter: overlaps, array": async (db) =>
    names(
      db.from("issues").select("title").overlaps("tags", ["is:closed", "severity:high"]),
      "Cache invalidation is not working",
      "Add missing postgrest filters",
    ),
  "filter: rangeGt is refused by name": async (db) =>
    refused(db.from("reservations").select().rangeGt("during", "[2000-01-02 08:00, 2000-01-02 09:00)"), 400, "PGRST127", "sr"),
  "filter: rangeGte is refused by name": async (db) =>
    refused(db.from("reservations").select().rangeGte("during", "[2000-01-02 08:30, 2000-01-02 09:30)"), 400, "PGRST127", "nxl"),
  "filter: rangeLt is refused by name": async (db) =>
    refused(db.from("reservations").select().rangeLt("during", "[2000-01-01 15:00, 2000-01-01 16:00)"), 400, "PGRST127", "sl"),
  "filter: rangeLte is refused by name": async (db) =>
    refused(db.from("reservations").select().rangeLte("during", "[2000-01-01 14:00, 2000-01-01 16:00)"), 400, "PGRST127", "nxr"),
  "filter: rangeAdjacent is refused by name": async (db) =>
    refused(db.from("reservations").select().rangeAdjacent("during", "[2000-01-01 12:00, 2000-01-01 13:00)"), 400, "PGRST127", "adj"),
  "filter: textSearch": async (db) =>
    names(db.from("quotes").select("catchphrase").textSearch("catchphrase", `'eggs' & 'ham'`, { config: "english" }), "green eggs and ham"),
  "filter: textSearch, plain": async (db) =>
    names(
      db.from("quotes").select("catchphrase").textSearch("catchphrase", `'fat' & 'cat'`, { type: "plain", config: "english" }),
      "the fat cat sat on the mat",
      "a cat that is very fat",
    ),
  "filter: textSearch, phrase": async (db) =>
    names(
      db.from("quotes").select("catchphrase").textSearch("catchphrase", `'fat' & 'cat'`, { type: "phrase", config: "english" }),
      "the fat cat sat on the mat",
    ),
  "filter: textSearch, websearch": async (db) =>
    names(
      db.from("quotes").select("catchphrase").textSearch("catchphrase", `'fat or dog'`, { type: "websearch", config: "english" }),
      "the fat cat sat on the mat",
      "a cat that is very fat",
      "the dog chased a cat",
    ),
  "filter: match": async (db) => gives(db.from("characters").select("name").match({ id: 2, name: "Leia" }), [{ name: "Leia" }]),
  "filter: not": async (db) => names(db.from("countries").select().not("name", "is", null), "Afghanistan", "Albania", "Algeria"),
  "filter: not in": async (db) => names(db.from("characters").select().not("id", "in", "(1,2)"), "Han"),
  "filter: or": async (db) => names(db.from("characters").select("name").or("id.eq.2,name.eq.Han"), "Leia", "Han"),
  "filter: or with and": async (db) =>
    names(db.from("characters").select("name").or("id.gt.3,and(id.eq.1,name.eq.Luke)"), "Luke"),
  "filter: or on a referenced table": async (db) =>
    gives(
      db.from("orchestral_sections").select(`
        name,
        instruments!inner (
          name
        )
      `).or("section_id.eq.2,name.eq.harp", { referencedTable: "instruments" }).order("id"),
      [
        { name: "strings", instruments: [{ name: "harp" }] },
        { name: "woodwinds", instruments: [{ name: "flute" }] },
      ],
    ),
  "filter: filter": async (db) => names(db.from("characters").select().filter("name", "in", '("Han","Yoda")'), "Han"),
  "filter: filter on a referenced table": async (db) =>
    gives(
      db.from("orchestral_sections").select(`
        name,
        instruments!inner (
          name
        )
      `).filter("instruments.name", "eq", "flute"),
      [{ name: "woodwinds", instruments: [{ name: "flute" }] }],
    ),
  "filter: JSON path": async (db) => gives(db.from("users").select("name").eq("address->postcode", 90210), [{ name: "Evan" }]),
  "filter: JSON path as text": async (db) => gives(db.from("users").select("name").eq("address->>city", "Basel"), [{ name: "Evan" }]),
  "filter: unknown column": async (db) => {
    const error = await refused(db.from("characters").select().eq("nmae", "Leia"), 400, "42703", "nmae");
    assert.deepEqual(Object.keys(error).sort(), ["code", "details", "hint", "message"]);
  },
  "filter: a value of another type": async (db) => refused(db.from("characters").select().eq("id", "1abc"), 400, "22P02", "1abc"),

  // Modifiers
  "modifier: order": async (db) =>
    gives(db.from("characters").select("id, name").order("id", { ascending: false }), [
      { id: 3, name: "Han" },
      { id: 2, name: "Leia" },
      { id: 1, name: "Luke" },
    ]),
  "modifier: order with nulls first": async (db) =>
    gives(db.from("characters").select("id").order("homeworld", { nullsFirst: true }), [{ id: 2 }, { id: 3 }, { id: 1 }]),
  "modifier: order on a referenced table": async (db) =>
    gives(
      db.from("orchestral_sections").select("name, instruments (name)").eq("id", 1).order("name", { referencedTable: "instruments", ascending: false }),
      [{ name: "strings", instruments: [{ name: "violin" }, { name: "harp" }] }],
    ),
  "modifier: order by a referenced table": async (db) =>
    gives(
      db.from("instruments").select("name, section:orchestral_sections (name)").not("section_id", "is", null).order("section(name)", { ascending: false }).order("name"),
      [
        { name: "flute", section: { name: "woodwinds" } },
        { name: "harp", section: { name: "strings" } },
        { name: "violin", section: { name: "strings" } },
      ],
    ),
  "modifier: limit": async (db) => gives(db.from("characters").select("name").order("id").limit(1), [{ name: "Luke" }]),
  "modifier: limit on a referenced table": async (db) =>
    gives(
      db.from("orchestral_sections").select("name, instruments (name)").eq("id", 1).order("id", { referencedTable: "instruments" }).limit(1, { referencedTable: "instruments" }),
      [{ name: "strings", instruments: [{ name: "violin" }] }],
    ),
  "modifier: range": async (db) => gives(db.from("characters").select("name").order("id").range(0, 1), [{ name: "Luke" }, { name: "Leia" }]),
  "modifier: single": async (db) => gives(db.from("characters").select("name").order("id").limit(1).single(), { name: "Luke" }),
  "modifier: single of several rows": async (db) => refused(db.from("characters").select("name").single(), 406, "PGRST116"),
  "modifier: maybeSingle with a row": async (db) => gives(db.from("characters").select().eq("name", "Leia").maybeSingle(), LEIA),
  "modifier: maybeSingle without a row": async (db) => gives(db.from("characters").select().eq("name", "Katniss").maybeSingle(), null),
  "modifier: maybeSingle of several rows": async (db) => {
    const { data, error } = await db.from("characters").select().maybeSingle();
    assert.deepEqual([data, error.code], [null, "PGRST116"]);
  },
  "modifier: csv": async (db) =>
    gives(db.from("characters").select().order("id").csv(), "id,name,homeworld\n1,Luke,Tatooine\n2,Leia,\n3,Han,Corellia"),
  "modifier: geojson": async (db) => {
    const { data } = await ok(db.from("places").select().order("id").geojson());
    assert.equal(data.type, "FeatureCollection");
    assert.equal(data.features[0].geometry.coordinates.length, 2);
  },
  "modifier: stripNulls": async (db) =>
    gives(db.from("characters").select().order("id").stripNulls(), [LUKE, { id: 2, name: "Leia" }, HAN]),
  "modifier: stripNulls with single": async (db) =>
    gives(db.from("characters").select().eq("id", 2).single().stripNulls(), { id: 2, name: "Leia" }),
  "modifier: explain": async (db) => {
    const { data } = await ok(db.from("characters").select().explain());
    assert.match(data, /scan|ALL/);
  },
  "modifier: explain as JSON": async (db) => {
    const { data } = await ok(db.from("characters").select().explain({ format: "json" }));
    assert.equal(typeof data, "object");
  },
  "modifier: abortSignal": async (db) => {
    const { data, error } = await db.from("characters").select().abortSignal(AbortSignal.abort());
    assert.equal(data, null);
    assert.match(error.message, /Abort/);
  },
  "modifier: abortSignal with a timeout that is not reached": async (db) =>
    gives(db.from("characters").select("id").eq("id", 1).abortSignal(AbortSignal.timeout(10_000)), [{ id: 1 }]),
  "modifier: retry": async (db) => gives(db.from("characters").select("id").eq("id", 1).retry(false), [{ id: 1 }]),
  "modifier: overrideTypes": async (db) => gives(db.from("characters").select("id").eq("id", 1).overrideTypes(), [{ id: 1 }]),
  "modifier: throwOnError": async (db) =>
    assert.rejects(
      async () => db.from("characters").select("nmae").throwOnError(),
      (error) => error.name === "PostgrestError" && error.code === "42703" && error.message.includes("nmae"),
    ),
  "modifier: setHeader": async (db) =>
    gives(db.from("characters").select("id").order("id").setHeader("Range-Unit", "items").setHeader("Range", "1-1"), [{ id: 2 }]),

  // Errors
  "error: unknown table": async (db) => refused(db.from("charcters").select(), 404, "PGRST205", "characters"),
  "error: unknown relationship": async (db) => refused(db.from("characters").select("*, teams(*)"), 400, "PGRST200", "teams"),
  "error: ambiguous relationship": async (db) => refused(db.from("messages").select("*, users(*)"), 300, "PGRST201", "messages_sender_id_fkey"),
  "error: unexposed schema": async (db) => refused(db.schema("secret").from("characters").select(), 406, "PGRST106", "world"),

  // Insert
  "insert: a record": async (db) => {
    const { data } = await ok(db.from("countries").insert({ id: 10, name: "Mordor" }), 201);
    assert.equal(data, null);
    await gives(db.from("countries").select().eq("id", 10), [{ id: 10, name: "Mordor", code: null }]);
  },
  "insert: a record and return it": async (db) =>
    gives(db.from("countries").insert({ id: 10, name: "Mordor" }).select(), [{ id: 10, name: "Mordor", code: null }], 201),
  "insert: return one as an object with an embed": async (db) =>
    gives(
      db.from("instruments").insert({ section_id: 1, name: "cello" }).select("name, available, orchestral_sections(name)").single(),
      { name: "cello", available: true, orchestral_sections: { name: "strings" } },
      201,
    ),
  "insert: bulk": async (db) => {
    await ok(db.from("countries").insert([{ id: 10, name: "Mordor" }, { id: 11, name: "The Shire" }]), 201);
    await names(db.from("countries").select().gte("id", 10), "Mordor", "The Shire");
  },
  "insert: bulk of two with one key stores nothing": async (db) => {
    await refused(db.from("countries").insert([{ id: 10, name: "Mordor" }, { id: 10, name: "The Shire" }]), 409, "23505");
    await gives(db.from("countries").select().eq("id", 10), []);
  },
  "insert: bulk with different keys": async (db) =>
    gives(
      db.from("countries").insert([{ id: 10, name: "Mordor" }, { id: 11, code: "SH" }]).select(),
      [{ id: 10, name: "Mordor", code: null }, { id: 11, name: null, code: "SH" }],
      201,
    ),
  "insert: bulk with defaultToNull false": async (db) =>
    gives(
      db.from("instruments").insert([{ id: 10, name: "cello" }, { id: 11, name: "oboe", available: false }], { defaultToNull: false }).select("id, available"),
      [{ id: 10, available: true }, { id: 11, available: false }],
      201,
    ),
  "insert: exact count": async (db) => {
    const { count } = await ok(db.from("countries").insert([{ name: "a" }, { name: "b" }], { count: "exact" }), 201);
    assert.equal(count, 2);
  },
  "insert: duplicate key": async (db) => refused(db.from("countries").insert({ id: 1, name: "Mordor" }), 409, "23505"),
  "insert: unknown parent": async (db) => refused(db.from("instruments").insert({ section_id: 99, name: "x" }), 409, "23503"),
  "insert: missing value": async (db) => refused(db.from("characters").insert({ homeworld: "Naboo" }), 400, "23502", "name"),
  "insert: broken check": async (db) => refused(db.from("users").insert({ name: "x", balance: -1 }), 400, "23514"),
  "insert: unknown column": async (db) => refused(db.from("characters").insert({ nmae: "x" }), 400, "PGRST204", "nmae"),
  "insert: rollback": async (db) => {
    const { data } = await ok(db.from("countries").insert({ name: "France" }).select("name").rollback(), 201);
    assert.deepEqual(data, [{ name: "France" }]);
    await gives(db.from("countries").select("name").eq("name", "France"), []);
  },

  // Upsert
  "upsert: your data": async (db) => {
    await gives(db.from("characters").upsert({ id: 1, name: "Han Solo" }).select(), [{ id: 1, name: "Han Solo", homeworld: "Tatooine" }]);
  },
  "upsert: by a unique key": async (db) => {
    await ok(db.from("users").upsert({ username: "kiran", message: "bar" }, { onConflict: "username" }));
    await gives(db.from("users").select("id, message, name").eq("username", "kiran"), [{ id: 1, message: "bar", name: "Kiran" }]);
  },
  "upsert: exact count": async (db) => {
    const { count } = await ok(db.from("users").upsert({ id: 1, message: "foo", username: "kiran" }, { onConflict: "username", count: "exact" }));
    assert.equal(count, 1);
  },
  "upsert: bulk": async (db) => {
    const { data } = await ok(db.from("instruments").upsert([{ id: 1, name: "piano" }, { id: 20, name: "tuba" }]).select("id, name, section_id"), 201);
    assert.deepEqual(data, [{ id: 1, name: "piano", section_id: 1 }, { id: 20, name: "tuba", section_id: null }]);
  },
  "upsert: ignoreDuplicates": async (db) => {
    await gives(
      db.from("instruments").upsert([{ id: 1, name: "piano" }, { id: 20, name: "tuba" }], { ignoreDuplicates: true }).select("id, name"),
      [{ id: 20, name: "tuba" }],
      201,
    );
    await gives(db.from("instruments").select("name").eq("id", 1), [{ name: "violin" }]);
  },
  "upsert: a clash on another unique key": async (db) => {
    await refused(db.from("users").upsert({ id: 2, username: "kiran" }), 409, "23505");
    await gives(db.from("users").select("username").eq("id", 2), [{ username: "evan" }]);
  },

  // Update
  "update: your data": async (db) => {
    const { data } = await ok(db.from("instruments").update({ name: "piano" }).eq("id", 1), 204);
    assert.equal(data, null);
    await gives(db.from("instruments").select("name").eq("id", 1), [{ name: "piano" }]);
  },
  "update: a record and return it": async (db) =>
    gives(db.from("instruments").update({ name: "piano" }).eq("id", 1).select("id, name"), [{ id: 1, name: "piano" }]),
  "update: JSON data": async (db) =>
    gives(
      db.from("users").update({ address: { street: "Melrose Place", postcode: 90210 } }).eq("address->postcode", 90210).select("id, address"),
      [{ id: 2, address: { street: "Melrose Place", postcode: 90210 } }],
    ),
  "update: nothing matches": async (db) => gives(db.from("instruments").update({ name: "piano" }).eq("id", 99).select(), []),
  "update: exact count": async (db) => {
    const { count } = await ok(db.from("instruments").update({ available: true }, { count: "exact" }).eq("section_id", 1), 204);
    assert.equal(count, 2);
  },
  "update: maxAffected": async (db) => {
    await refused(db.from("instruments").update({ name: "x" }).gte("id", 1).maxAffected(1), 400, "PGRST124");
    await gives(db.from("instruments").select("id").eq("name", "x"), []);
    await ok(db.from("instruments").update({ name: "x" }).eq("id", 1).maxAffected(1), 204);
  },
  "update: rollback": async (db) => {
    await gives(db.from("instruments").update({ name: "x" }).eq("id", 1).select("name").rollback(), [{ name: "x" }]);
    await gives(db.from("instruments").select("name").eq("id", 1), [{ name: "violin" }]);
  },
  "update: single of several rows stores nothing": async (db) => {
    await refused(db.from("instruments").update({ name: "x" }).gte("id", 1).select().single(), 406, "PGRST116");
    await gives(db.from("instruments").select("id").eq("name", "x"), []);
  },
  "update: without a filter": async (db) => {
    await refused(db.from("instruments").update({ name: "x" }), 400, "21000");
    await gives(db.from("instruments").select("id").eq("name", "x"), []);
  },

  // Delete
  "delete: a single record": async (db) => {
    const { data } = await ok(db.from("countries").delete().eq("id", 1), 204);
    assert.equal(data, null);
    await gives(db.from("countries").select().eq("id", 1), []);
  },
  "delete: a record and return it": async (db) =>
    gives(db.from("countries").delete().eq("id", 1).select(), [{ id: 1, name: "Afghanistan", code: "AF" }]),
  "delete: multiple records": async (db) => {
    await ok(db.from("countries").delete().in("id", [1, 2, 3]), 204);
    await gives(db.from("countries").select("id"), [{ id: 4 }]);
  },
  "delete: exact count": async (db) => {
    const { count } = await ok(db.from("countries").delete({ count: "exact" }).lte("id", 2), 204);
    assert.equal(count, 2);
  },
  "delete: maxAffected": async (db) => {
    await refused(db.from("countries").delete().gte("id", 1).maxAffected(2), 400, "PGRST124");
    const { count } = await ok(db.from("countries").select("*", { count: "exact", head: true }));
    assert.equal(count, 4);
  },
  "delete: a row that is referred to": async (db) => refused(db.from("orchestral_sections").delete().eq("id", 1), 409, "23503"),
  "delete: without a filter": async (db) => {
    await refused(db.from("countries").delete(), 400, "21000");
    const { count } = await ok(db.from("countries").select("*", { count: "exact", head: true }));
    assert.equal(count, 4);
  },

  // Routines
  "rpc: without arguments": async (db) => gives(db.rpc("hello_world"), "Hello world"),
  "rpc: with arguments": async (db) => gives(db.rpc("echo", { say: "👋" }), "👋"),
  "rpc: numbers": async (db) => gives(db.rpc("add_them", { a: 1, b: 2 }), 3),
  "rpc: bulk processing (JSON is text in MariaDB)": async (db) => {
    const { data } = await ok(db.rpc("add_one_each", { arr: [1, 2, 3] }));
    assert.deepEqual(typeof data === "string" ? JSON.parse(data) : data, [2, 3, 4]);
  },
  "rpc: with filters": async (db) => gives(db.rpc("list_stored_countries").eq("id", 1).single(), { id: 1, name: "Afghanistan" }),
  "rpc: with select, order and limit": async (db) =>
    gives(db.rpc("list_stored_countries").select("name").order("id", { ascending: false }).limit(2), [{ name: null }, { name: "Algeria" }]),
  "rpc: read-only by GET": async (db) => gives(db.rpc("hello_world", undefined, { get: true }), "Hello world"),
  "rpc: arguments by GET": async (db) => gives(db.rpc("add_them", { a: 1, b: 2 }, { get: true }), 3),
  "rpc: head": async (db) => {
    const { data } = await ok(db.rpc("list_stored_countries", {}, { head: true }));
    assert.equal(data, null);
  },
  "rpc: exact count": async (db) => {
    const { count, data } = await ok(db.rpc("list_stored_countries", {}, { count: "exact" }));
    assert.deepEqual([count, data.length], [4, 4]);
  },
  "rpc: a procedure that writes": async (db) => {
    await ok(db.rpc("rename_country", { country: 1, new_name: "Mordor" }), 204);
    await gives(db.from("countries").select("name").eq("id", 1), [{ name: "Mordor" }]);
  },
  "rpc: a procedure that writes, by GET": async (db) => {
    const { status } = await db.rpc("rename_country", { country: 1, new_name: "x" }, { get: true });
    assert.equal(status, 405);
    await gives(db.from("countries").select("name").eq("id", 1), [{ name: "Afghanistan" }]);
  },
  "rpc: a SIGNAL": async (db) => refused(db.rpc("fail_always"), 400, "P0001", "always fails"),
  "rpc: unknown": async (db) => refused(db.rpc("hello_wrld"), 404, "PGRST202", "hello_world"),
  "rpc: wrong arguments": async (db) => refused(db.rpc("echo", { sya: "x" }), 404, "PGRST202", "say"),
  "rpc: in another schema": async (db) => {
    const { data } = await ok(db.schema("world").rpc("cities_near", { at_latitude: 47.55, at_longitude: 7.59, radius_km: 5 }).limit(1));
    assert.deepEqual([data.length, data[0].country_code], [1, "CH"]);
  },
};
