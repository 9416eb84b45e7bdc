/** The address behind the `#` is the state of the page: every view can be kept, sent and opened in a new tab. */

import { useEffect, useState } from "preact/hooks";
import { place, type Name } from "./catalog";

export type View = "tables" | "rows" | "row" | "new" | "import" | "numbers" | "diagram" | "me";

export interface Route {
  view: View;
  schema: string;
  table: string;
  /** Decoded values of a row's primary key. */
  key: string[];
  /** Percent-encoded, as for the API. */
  query: string;
  /** Where a later page begins, behind `&&`: the number of rows before it, and the parameters that skip them. */
  start: { before: number; query: string } | null;
}

const VIEWS: readonly View[] = ["tables", "rows", "row", "new", "import", "numbers", "diagram", "me"];

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#\/?/, "");
  const at = text.indexOf("?");
  const [view = "", schema = "", table = "", key] = (at < 0 ? text : text.slice(0, at)).split("/");
  const [query = "", start] = at < 0 ? [] : text.slice(at + 1).split("&&");
  const begin = /^(\d+)&(.*)$/s.exec(start ?? "");
  return {
    view: VIEWS.find((each) => each === view) ?? "tables",
    schema: decoded(schema),
    table: decoded(table),
    key: key === undefined ? [] : key.split(",").map(decoded),
    query,
    start: begin ? { before: Number(begin[1]), query: begin[2]! } : null,
  };
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const changed = (): void => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}

export function link(view: View, name?: Name, query = ""): string {
  return `#/${view}${name ? `/${place(name)}` : ""}${query ? `?${query}` : ""}`;
}

export function rowLink(name: Name, key: readonly string[]): string {
  return `#/row/${place(name)}/${key.map(encodeURIComponent).join(",")}`;
}

export function go(address: string): void {
  location.hash = address;
}
