// A small application with the types that openapi-typescript makes of `world`, run by the test once it has compiled.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

declare const process: { argv: string[] };
const api = createClient<paths, "application/json">({ baseUrl: process.argv[2]! });
const representation = { header: { Prefer: "return=representation" } } as const;
type Currency = components["schemas"]["currencies.insert"];

const currency = (code: string): Currency => ({ code, name: `The ${code}`, symbol: "Z", decimal_digits: 2, in_use: true });
const inserted = await api.POST("/rest/v1/currencies", { params: representation, body: [currency("ZZA"), currency("ZZB")] });
if (inserted.error) throw new Error(inserted.error.message);
const added: (string | undefined)[] | undefined = inserted.data?.map((row) => row.code);
const plain = await api.POST("/rest/v1/currencies", { body: currency("ZZC") });
const again = await api.POST("/rest/v1/currencies", { body: currency("ZZC") });
const refused: string | undefined = again.error?.code;

const listed = await api.GET("/rest/v1/currencies", {
  params: { query: { code: "in.(ZZA,ZZB,ZZC)", order: "code.desc", limit: 2 } },
});
if (listed.error) throw new Error(listed.error.message);
const first = listed.data![0]!;
const inUse: boolean | undefined = first.in_use;
const codes: (string | undefined)[] = listed.data!.map((row) => row.code);

const changed = await api.PATCH("/rest/v1/currencies", {
  params: { ...representation, query: { code: "eq.ZZA" } }, body: { name: "Renamed" },
});
const renamed: string | undefined = changed.data?.[0]?.name;
const one = await api.GET("/rest/v1/currencies/{key}", { params: { path: { key: "ZZA" } } });
const digits: number | undefined = one.data?.decimal_digits;
const deleted = await api.DELETE("/rest/v1/currencies", { params: { query: { code: "like.ZZ*" } } });

const body = { latitude1: 48.2, longitude1: 16.4, latitude2: 47.1, longitude2: 15.4 };
const distance = await api.POST("/rest/v1/rpc/distance_km", { body });
const kilometres: number | null | undefined = distance.data;
const near = await api.GET("/rest/v1/rpc/cities_near", {
  params: { query: { at_latitude: 48.2, at_longitude: 16.4, radius_km: 20 } },
});

console.log(JSON.stringify({
  added, plain: plain.response.status, refused, codes, inUse, renamed, digits, deleted: deleted.response.status,
  kilometres: Math.round(kilometres ?? 0), near: near.data,
}));
