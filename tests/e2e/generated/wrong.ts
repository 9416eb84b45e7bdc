// Five wrong uses, each of which the compiler rejects.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const api = createClient<paths>({ baseUrl: "http://127.0.0.1" });
await api.GET("/rest/v1/citys", {});
await api.GET("/rest/v1/cities", { params: { query: { nam: "eq.Vienna" } } });
await api.POST("/rest/v1/currencies", { body: { code: "XYZ", name: "New", symbol: "X", decimal_digits: "2", in_use: true } });
await api.POST("/rest/v1/currencies", { body: { code: "XYZ" } });
await api.PATCH("/rest/v1/countries", { body: { first_weekday: "noday" } });
