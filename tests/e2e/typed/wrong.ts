// Three wrong uses, each of which the compiler rejects.
import { createClient } from "@supabase/supabase-js";
import type { Database } from "./database.types.js";

const api = createClient<Database>("http://127.0.0.1", "any");
await api.from("citys").select("name");
await api.from("currencies").insert({ code: "XYZ", name: "New", symbol: "X", decimal_digits: "two", in_use: true });
await api.from("languages").insert({ code: "xyz", name: "New", scope: "individual", kind: "dead" });
