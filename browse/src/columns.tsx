/** Which columns are shown, and what of related tables beside them. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { incoming, labelOf, outgoing, shortType, table as loadTable, withoutViews, type Relationship, type Summary, type Table } from "./catalog";
import { nameText, parseSelect, type Item } from "./grammar";
import { Menu } from "./ui";

/** A related table that `select` can embed: how many rows it has for each row, or the one's name. */
export interface Offer {
  relationship: Relationship;
  many: boolean;
  /** The text up to what stands in the brackets. */
  start: string;
  title: string;
}

export function offers(table: Table, known: readonly Summary[]): Offer[] {
  const taken = new Set(table.columns.map((column) => column.name));
  const name = (relationship: Relationship): string => {
    const free = taken.has(relationship.table) ? relationship.name : relationship.table;
    const alias = taken.has(free) ? `${free} (${relationship.columns.join(", ")})` : free;
    taken.add(alias);
    return alias;
  };
  const offer = (relationship: Relationship, many: boolean): Offer => {
    const itself = relationship.table === table.name && relationship.schema === table.schema;
    const target = itself && !many ? nameText(relationship.name) : `${nameText(relationship.table)}!${nameText(relationship.name)}`;
    const alias = name(relationship);
    return { relationship, many, start: `${nameText(alias)}:${target}(`, title: alias };
  };
  return [
    ...withoutViews(outgoing(table), known).map((relationship) => offer(relationship, false)),
    ...withoutViews(incoming(table), known).filter((each) => each.junction === null).map((relationship) => offer(relationship, true)),
  ];
}

/** The members of `select`, with the star written out. */
export function itemsOf(table: Table, select: string): Item[] {
  const columns = table.columns.map((column) => parseSelect(nameText(column.name))[0]!);
  if (select === "") return columns;
  return parseSelect(select).flatMap((item) => (item.text === "*" ? columns : [item]));
}

/** The text of `select`; empty where it is every column and nothing else. */
function written(table: Table, items: readonly Item[]): string {
  const plain = items.filter((item) => item.column !== null && item.column === item.name).map((item) => item.column);
  const places = new Map(table.columns.map((column, index) => [column.name, index]));
  const isWhole = plain.length === table.columns.length;
  const others = items.filter((item) => item.column === null || item.column !== item.name);
  if (isWhole && others.length === 0) return "";
  const columns = isWhole ? ["*"] : plain.toSorted((one, other) => places.get(one!)! - places.get(other!)!).map((each) => nameText(each!));
  return [...columns, ...others.map((item) => item.text)].join(",");
}

export function ColumnMenu({ table, known, select, change }: {
  table: Table;
  known: readonly Summary[];
  select: string;
  change: (select: string) => void;
}): JSX.Element {
  const [search, setSearch] = useState("");
  const items = itemsOf(table, select);
  const shown = new Set(items.filter((item) => item.column === item.name).map((item) => item.column));
  const keys = new Set(table.primary_key);
  const toggle = (name: string): void => {
    const kept = items.filter((item) => item.column !== name || item.column !== item.name);
    change(written(table, shown.has(name) ? kept : [...items, ...parseSelect(nameText(name))]));
  };
  const only = (names: readonly string[]): void => {
    const others = items.filter((item) => item.column === null);
    change(written(table, [...names.flatMap((name) => parseSelect(nameText(name))), ...others]));
  };
  const toggleOffer = async (offer: Offer): Promise<void> => {
    const found = items.find((item) => item.text.startsWith(offer.start));
    if (found) return change(written(table, items.filter((item) => item !== found)));
    let inner = "count()";
    if (!offer.many) {
      const target = await loadTable({ schema: offer.relationship.schema, table: offer.relationship.table });
      inner = nameText(labelOf(target) ?? offer.relationship.table_columns[0]!);
    }
    change(written(table, [...items, ...parseSelect(`${offer.start}${inner})`)]));
  };
  const matching = table.columns.filter((column) => column.name.toLowerCase().includes(search.toLowerCase()));
  const related = offers(table, known);
  const hidden = table.columns.length - shown.size;
  return (
    <Menu label={hidden > 0 ? `Columns ${shown.size}/${table.columns.length}` : "Columns"}>
      <div class="column-menu">
        {table.columns.length > 12 && <input type="search" placeholder="Find a column" aria-label="Find a column" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />}
        <div class="row-of-buttons">
          <button type="button" class="quiet" onClick={() => only(table.columns.map((column) => column.name))}>All</button>
          <button type="button" class="quiet" onClick={() => only(table.columns.slice(0, keys.size ? 0 : 1).map((column) => column.name).concat(table.primary_key))}>None</button>
        </div>
        <fieldset>
          <legend>Columns</legend>
          {matching.map((column) => (
            <label key={column.name} title={keys.has(column.name) ? "The key leads to the row, so it is always shown." : column.comment}>
              <input type="checkbox" checked={shown.has(column.name)} disabled={keys.has(column.name) && shown.has(column.name)} onChange={() => toggle(column.name)} />
              <bdi>{column.name}</bdi> <span class="faint">{shortType(column)}</span>
            </label>
          ))}
        </fieldset>
        {related.length > 0 && (
          <fieldset>
            <legend>Related</legend>
            {related.map((offer) => (
              <label key={offer.start}>
                <input type="checkbox" checked={items.some((item) => item.text.startsWith(offer.start))} onChange={() => void toggleOffer(offer)} />
                <bdi>{offer.title}</bdi> <span class="faint">{offer.many ? "how many" : `by ${offer.relationship.columns.join(", ")}`}</span>
              </label>
            ))}
          </fieldset>
        )}
      </div>
    </Menu>
  );
}
