// react-admin's AdminGuesser as ra-supabase ships it, over the API at this page's origin.
import { createClient } from "@supabase/supabase-js";
import { AdminGuesser, supabaseDataProvider } from "ra-supabase";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

const instanceUrl = window.location.origin;
const apiKey = "any";
const supabaseClient = createClient(instanceUrl, apiKey);

// ra-supabase takes the primary keys that are not `id` as an option; PostgREST's document marks them. A view without
// one is listed by its first column.
const { definitions } = await (await fetch("/rest/v1/")).json();
const primaryKeys = new Map(
  Object.entries(definitions).map(([table, { properties }]) => {
    const columns = Object.keys(properties);
    const keys = columns.filter((name) => properties[name].description?.includes("<pk/>"));
    return [table, keys.length ? keys : columns.slice(0, 1)];
  }),
);
const dataProvider = supabaseDataProvider({ instanceUrl, apiKey, supabaseClient, primaryKeys });
createRoot(document.getElementById("root")).render(createElement(AdminGuesser, { dataProvider }));
