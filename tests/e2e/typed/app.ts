// A small application with the types of `world`, run by the test after the compiler has accepted it.
import { createClient } from "@supabase/supabase-js";
import type { Database } from "./database.types.js";

declare const process: { argv: string[] };
const api = createClient<Database>(process.argv[2]!, "any");

const { data: cities, error } = await api
  .from("cities")
  .select("name, population, country:countries(name, first_weekday, continent:continents(name)), airports(icao)")
  .eq("name", "Vienna")
  .order("population", { ascending: false })
  .limit(1);
if (error) throw new Error(error.message);
const city = cities[0]!;
const country: string = city.country.name;
const continent: string = city.country.continent.name;
const monday: "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday" | null =
  city.country.first_weekday;
const airports: string[] = city.airports.map((airport) => airport.icao);

const { data: capital } = await api.from("countries").select("capitals(cities(name))").eq("code", "AT").single();
const ofAustria: string | undefined = capital?.capitals?.cities.name;

const { data: distance } = await api.rpc("distance_km", {
  latitude1: 48.2, longitude1: 16.4, latitude2: 47.1, longitude2: 15.4,
});
const kilometres: number | null = distance;
const { data: statistics } = await api.from("continent_statistics").select("name, countries").eq("code", "EU").single();
const countries: number | undefined = statistics?.countries;

console.log(JSON.stringify({
  country, continent, monday, airports: airports.length > 0, ofAustria, kilometres: Math.round(kilometres ?? 0), countries,
}));
