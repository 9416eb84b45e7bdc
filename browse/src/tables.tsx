/** The list of tables: beside every view, and as the first page. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { tables, type Summary } from "./catalog";
import { claimsOf } from "./me";
import { isLosslessNumber } from "./json";
import { token } from "./api";
import { link, type Route } from "./route";
import { DATABASE, LOGIN } from "./settings";
import { count, Failure, isTyping, plural, useLoad, useTitle } from "./ui";

function compact(number: number): string {
  return number < 10_000 ? count(number) : Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(number);
}

function matches(table: Summary, search: string): boolean {
  const text = `${table.name} ${table.comment}`.toLowerCase();
  return search.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** By database, the default one first. */
function bySchema(all: readonly Summary[]): [string, Summary[]][] {
  const groups = new Map<string, Summary[]>();
  for (const table of all) groups.set(table.schema, [...(groups.get(table.schema) ?? []), table]);
  return [...groups];
}

function whoText(): string {
  const claims = token() ? claimsOf(token()) : null;
  if (!claims) return LOGIN ? "Log in" : "Who am I";
  const name = claims.email ?? claims["cognito:username"] ?? claims.username ?? claims.sub ?? claims.role;
  return typeof name === "string" ? name : isLosslessNumber(name) ? name.value : "Who am I";
}

export function Sidebar({ route, open, close }: { route: Route; open: boolean; close: () => void }): JSX.Element {
  const [search, setSearch] = useState("");
  const found = useLoad(() => tables(), [token()]);
  const input = useRef<HTMLInputElement>(null);
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      const asked = (event.key === "/" && !isTyping(event)) || (event.key === "k" && (event.ctrlKey || event.metaKey));
      if (!asked || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener("keydown", key);
    return () => document.removeEventListener("keydown", key);
  }, []);
  useEffect(() => {
    element.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest" });
  }, [found.value, route.table]);
  const all = found.value ?? [];
  const shown = all.filter((table) => matches(table, search));
  const groups = bySchema(shown);
  const several = bySchema(all).length > 1;
  const keys = (event: KeyboardEvent): void => {
    const links = [...(element.current?.querySelectorAll<HTMLAnchorElement>(".table-list a") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      (links[next] ?? (next < 0 ? input.current : undefined))?.focus();
    } else if (event.key === "Enter" && event.target === input.current && links[0]) {
      location.href = links[0].href;
      close();
    } else if (event.key === "Escape") {
      setSearch("");
      close();
    }
  };
  const inner = ["rows", "row", "new", "import", "numbers"].includes(route.view);
  return (
    <nav class="sidebar" data-open={open} aria-label="Tables" ref={element} onKeyDown={keys}>
      <a class="brand" href="#/tables" aria-current={route.view === "tables" ? "page" : undefined} onClick={close}><bdi>{DATABASE}</bdi></a>
      <input ref={input} type="search" placeholder="Find a table" aria-label="Find a table" title="Press / to come here" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
      <div class="table-list">
        {found.error && <Failure error={found.error} again={found.again} />}
        {groups.map(([schema, listed]) => (
          <div key={schema}>
            {several && <h2><bdi>{schema}</bdi></h2>}
            <ul>
              {listed.map((table) => {
                const current = inner && route.schema === table.schema && route.table === table.name;
                return (
                  <li key={table.name}>
                    <a href={link("rows", { schema: table.schema, table: table.name })} aria-current={current ? "page" : undefined} title={table.comment} data-kind={table.kind} onClick={close}>
                      <bdi class="table-name">{table.name}</bdi>
                      <span class="faint">{table.rows_estimate === null ? table.kind : compact(table.rows_estimate)}</span>
                    </a>
                  </li>
                );
              })}
            </ul>
          </div>
        ))}
        {found.value && shown.length === 0 && <p class="faint padded">{all.length === 0 ? "No tables are visible to you." : "No table matches."}</p>}
      </div>
      <div class="sidebar-foot">
        <a href="#/diagram" aria-current={route.view === "diagram" ? "page" : undefined} onClick={close}>Diagram</a>
        <a href="#/me" aria-current={route.view === "me" ? "page" : undefined} onClick={close}><bdi>{whoText()}</bdi></a>
      </div>
    </nav>
  );
}

export function Tables(): JSX.Element {
  useTitle(DATABASE);
  const found = useLoad(() => tables(), [token()]);
  if (found.error) return <section class="view"><Failure error={found.error} again={found.again} /></section>;
  const groups = bySchema(found.value ?? []);
  return (
    <section class="view" aria-label="Tables" aria-busy={found.busy}>
      <header class="head">
        <div class="heading">
          <h1><bdi>{DATABASE}</bdi></h1>
          <p class="faint">{found.value && `${plural(found.value.filter((table) => table.kind === "table").length, "table")}, ${plural(found.value.filter((table) => table.kind === "view").length, "view")}`}</p>
        </div>
        <div class="tools"><a class="button" href="#/diagram">Diagram</a></div>
      </header>
      <div class="scroll">
        {groups.map(([schema, listed]) => (
          <table class="grid list" key={schema} aria-label={`Tables of ${schema}`}>
            <thead><tr><th><div><span class="column-name">{groups.length > 1 ? <bdi>{schema}</bdi> : "Name"}</span></div></th><th><div>Kind</div></th><th class="end"><div>Rows, about</div></th><th><div>Key</div></th><th><div>Comment</div></th></tr></thead>
            <tbody>
              {listed.map((table) => (
                <tr key={table.name}>
                  <td><a href={link("rows", { schema: table.schema, table: table.name })}><bdi>{table.name}</bdi></a></td>
                  <td class="faint">{table.kind}</td>
                  <td class="end">{table.rows_estimate === null ? "" : count(table.rows_estimate)}</td>
                  <td class="faint"><bdi>{table.primary_key.join(", ")}</bdi></td>
                  <td><bdi>{table.comment}</bdi></td>
                </tr>
              ))}
            </tbody>
          </table>
        ))}
      </div>
    </section>
  );
}
