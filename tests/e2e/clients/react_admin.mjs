// The calls in the documentation of ra-data-postgrest: react-admin's data provider, with react-admin's fetchJson.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

// Loaded as CommonJS: the provider's ES module build imports files without their extension.
const { fetchUtils } = createRequire(import.meta.url)("ra-core");
const { default: postgrestRestProvider } = createRequire(import.meta.url)("@raphiniert/ra-data-postgrest");

export function connect(client, address) {
  const provider = (further = {}) =>
    postgrestRestProvider({
      apiUrl: `${address}/rest/v1`,
      httpClient: (url, options = {}) => {
        options.headers ??= new Headers({ Accept: "application/json" });
        options.headers.set("Origin", "https://admin.example");
        return fetchUtils.fetchJson(url, options);
      },
      defaultListOp: "eq",
      primaryKeys: new Map([["members", ["user_id", "team_id"]]]),
      schema: () => "",
      ...further,
    });
  return Object.assign(provider(), { with: provider });
}

const FIRST_PAGE = { pagination: { page: 1, perPage: 10 }, sort: { field: "id", order: "ASC" }, filter: {} };

const ids = ({ data }) => data.map((row) => row.id);

export const calls = {
  "getList: a page and the total": async (provider) => {
    const { data, total } = await provider.getList("characters", { ...FIRST_PAGE, pagination: { page: 2, perPage: 2 } });
    assert.deepEqual([data, total], [[{ id: 3, name: "Han", homeworld: "Corellia" }], 3]);
  },
  "getList: the total is exposed to another origin": async (provider) => {
    let answered;
    const watching = provider.with({
      httpClient: async (url, options) => {
        options.headers.set("Origin", "https://admin.example");
        answered = await fetchUtils.fetchJson(url, options);
        return answered;
      },
    });
    await watching.getList("characters", FIRST_PAGE);
    assert.ok(["*", "https://admin.example"].includes(answered.headers.get("access-control-allow-origin")));
    assert.match(answered.headers.get("access-control-expose-headers"), /Content-Range/i);
  },
  "getList: descending": async (provider) =>
    assert.deepEqual(ids(await provider.getList("characters", { ...FIRST_PAGE, sort: { field: "id", order: "DESC" } })), [3, 2, 1]),
  "getList: default operator": async (provider) =>
    assert.deepEqual(ids(await provider.getList("characters", { ...FIRST_PAGE, filter: { name: "Leia" } })), [2]),
  "getList: ilike": async (provider) =>
    assert.deepEqual(ids(await provider.getList("characters", { ...FIRST_PAGE, filter: { "name@ilike": "L" } })), [1, 2]),
  "getList: like": async (provider) =>
    assert.deepEqual(ids(await provider.getList("issues", { ...FIRST_PAGE, filter: { "title@like": "better" } })), [2]),
  "getList: two conditions on one column": async (provider) =>
    assert.deepEqual(ids(await provider.getList("characters", { ...FIRST_PAGE, filter: { "@and": { "id@gt": 1, "name@neq": "Han" } } })), [2]),
  // The provider sends these as `id[0]=...&id[1]=...`, which are not column names in PostgREST's grammar, either.
  "getList: two filters on one column are refused, as by PostgREST": async (provider) =>
    assert.rejects(provider.getList("characters", { ...FIRST_PAGE, filter: { "id@gt": 1, "id@lt": 3 } }), (error) => {
      assert.equal(error.status, 400);
      return true;
    }),
  "getList: in": async (provider) =>
    assert.deepEqual(ids(await provider.getList("characters", { ...FIRST_PAGE, filter: { "id@in": "(1,3)" } })), [1, 3]),
  "getList: or": async (provider) =>
    assert.deepEqual(ids(await provider.getList("characters", { ...FIRST_PAGE, filter: { "@or": { "id@lt": 2, "name@eq": "Han" } } })), [1, 3]),
  "getList: an embedded column": async (provider) =>
    assert.deepEqual(
      ids(await provider.getList("instruments", { ...FIRST_PAGE, filter: { "orchestral_sections.name": "strings" }, meta: { columns: "*,orchestral_sections!inner(name)" } })),
      [1, 2],
    ),
  "getList: full text": async (provider) =>
    assert.deepEqual(ids(await provider.getList("quotes", { ...FIRST_PAGE, filter: { "catchphrase@wfts": "eggs" } })), [3]),
  "getList: columns": async (provider) => {
    const { data } = await provider.getList("users", { ...FIRST_PAGE, meta: { columns: ["id", "who:name", "balance::text", "address->>city"] } });
    assert.deepEqual(data[0], { id: 1, who: "Kiran", balance: "10.50", city: "Amsterdam" });
  },
  "getList: embed": async (provider) => {
    const { data } = await provider.getList("instruments", { ...FIRST_PAGE, meta: { embed: ["orchestral_sections"] } });
    assert.deepEqual(data[0].orchestral_sections, { id: 1, name: "strings" });
  },
  "getList: prefetch": async (provider) => {
    const { data, meta } = await provider.getList("instruments", {
      ...FIRST_PAGE,
      filter: { "section_id@not.is": "null" },
      meta: { prefetch: ["orchestral_sections"] },
    });
    assert.deepEqual([data[0].orchestral_sections, meta.prefetched.orchestral_sections.map((row) => row.name)], [undefined, ["strings", "woodwinds"]]);
  },
  "getList: nulls last": async (provider) => {
    const sort = { field: "homeworld", order: "DESC" };
    assert.deepEqual(ids(await provider.getList("characters", { ...FIRST_PAGE, sort })), [2, 1, 3]);
    assert.deepEqual(ids(await provider.getList("characters", { ...FIRST_PAGE, sort, meta: { nullslast: true } })), [1, 3, 2]);
  },
  "getList: sort order of the provider": async (provider) => {
    const nullsFirst = provider.with({ sortOrder: "asc.nullsfirst,desc.nullslast" });
    const sort = { field: "homeworld", order: "ASC" };
    assert.deepEqual(ids(await nullsFirst.getList("characters", { ...FIRST_PAGE, sort })), [2, 3, 1]);
  },
  "getList: another schema": async (provider) => {
    const world = provider.with({ schema: () => "world", primaryKeys: new Map([["continents", ["code"]]]) });
    const { total, data } = await world.getList("continents", { ...FIRST_PAGE, sort: { field: "code", order: "ASC" } });
    assert.deepEqual([total, data[0].id], [7, "AF"]);
  },
  "getList: schema of one call": async (provider) => {
    const { total } = await provider.getList("large_cities", { ...FIRST_PAGE, meta: { schema: "world" } });
    assert.ok(total > 100, `${total}`);
  },
  "getList: a routine": async (provider) => {
    const { data, total } = await provider.getList("rpc/list_stored_countries", { ...FIRST_PAGE, pagination: { page: 1, perPage: 2 } });
    assert.deepEqual([data, total], [[{ id: 1, name: "Afghanistan" }, { id: 2, name: "Albania" }], 4]);
  },
  "getList: a routine with arguments": async (provider) => {
    const world = provider.with({ schema: () => "world" });
    const { data } = await world.getList("rpc/cities_near", {
      ...FIRST_PAGE,
      sort: { field: "distance", order: "ASC" },
      filter: { "at_latitude@": 47.55, "at_longitude@": 7.59, "radius_km@": 5 },
    });
    assert.equal(data[0].country_code, "CH");
  },
  "getList: an unknown column": async (provider) =>
    assert.rejects(provider.getList("characters", { ...FIRST_PAGE, filter: { nmae: "x" } }), (error) => {
      assert.deepEqual([error.status, error.body.code], [400, "42703"]);
      return true;
    }),
  "getOne": async (provider) =>
    assert.deepEqual((await provider.getOne("characters", { id: 2 })).data, { id: 2, name: "Leia", homeworld: null }),
  "getOne: composite key": async (provider) =>
    assert.deepEqual((await provider.getOne("members", { id: "[2,2]" })).data, { id: "[2,2]", user_id: 2, team_id: 2, role: "keeper" }),
  "getOne: embed": async (provider) =>
    assert.deepEqual((await provider.getOne("orchestral_sections", { id: 2, meta: { embed: ["instruments"] } })).data.instruments.map((row) => row.name), ["flute"]),
  "getOne: absent": async (provider) =>
    assert.rejects(provider.getOne("characters", { id: 99 }), (error) => {
      assert.deepEqual([error.status, error.body.code], [406, "PGRST116"]);
      return true;
    }),
  "getMany": async (provider) => assert.deepEqual(ids(await provider.getMany("characters", { ids: [1, 3] })).sort(), [1, 3]),
  "getMany: composite keys": async (provider) =>
    assert.deepEqual(ids(await provider.getMany("members", { ids: ["[1,1]", "[2,2]"] })).sort(), ["[1,1]", "[2,2]"]),
  "getManyReference": async (provider) => {
    const { data, total } = await provider.getManyReference("instruments", { ...FIRST_PAGE, target: "section_id", id: 1 });
    assert.deepEqual([data.map((row) => row.name), total], [["violin", "harp"], 2]);
  },
  "create": async (provider) => {
    const { data } = await provider.create("characters", { data: { name: "Yoda" } });
    assert.deepEqual([data.name, data.homeworld, Number.isInteger(data.id)], ["Yoda", null, true]);
  },
  "create: composite key": async (provider) =>
    assert.deepEqual((await provider.create("members", { data: { user_id: 3, team_id: 1, role: null } })).data, {
      id: "[3,1]",
      user_id: 3,
      team_id: 1,
      role: null,
    }),
  "create: a routine": async (provider) =>
    assert.equal((await provider.with().create("rpc/echo", { data: { say: "x" } })).data[0], "x"),
  "update": async (provider) => {
    const previousData = { id: 2, name: "Leia", homeworld: null };
    const { data } = await provider.update("characters", { id: 2, data: { ...previousData, homeworld: "Alderaan" }, previousData });
    assert.deepEqual(data, { id: 2, name: "Leia", homeworld: "Alderaan" });
  },
  "update: composite key": async (provider) => {
    const previousData = { id: "[1,2]", user_id: 1, team_id: 2, role: null };
    const { data } = await provider.update("members", { id: "[1,2]", data: { ...previousData, role: "coach" }, previousData });
    assert.deepEqual(data, { ...previousData, role: "coach" });
  },
  "updateMany": async (provider) => {
    const { data } = await provider.updateMany("instruments", { ids: [1, 2], data: { available: false } });
    assert.deepEqual(data.sort(), [1, 2]);
    assert.deepEqual(ids(await provider.getList("instruments", { ...FIRST_PAGE, filter: { "available@is": "false" } })), [1, 2]);
  },
  "delete": async (provider) => {
    const { data } = await provider.delete("characters", { id: 1 });
    assert.deepEqual(data, { id: 1, name: "Luke", homeworld: "Tatooine" });
    assert.deepEqual(ids(await provider.getList("characters", FIRST_PAGE)), [2, 3]);
  },
  "deleteMany": async (provider) => {
    assert.deepEqual((await provider.deleteMany("characters", { ids: [1, 3] })).data.sort(), [1, 3]);
    assert.deepEqual(ids(await provider.getList("characters", FIRST_PAGE)), [2]);
  },
  "deleteMany: composite keys": async (provider) => {
    assert.deepEqual((await provider.deleteMany("members", { ids: ["[1,1]", "[1,2]"] })).data.sort(), ["[1,1]", "[1,2]"]);
    assert.equal((await provider.getList("members", { ...FIRST_PAGE, sort: { field: "user_id", order: "ASC" } })).total, 1);
  },
};
