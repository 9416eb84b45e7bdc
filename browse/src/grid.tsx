/** A table of rows that the arrow keys move through. */

import type { ComponentChildren, JSX } from "preact";
import type { OrderKey } from "./grammar";
import type { Row } from "./json";

export interface GridColumn {
  name: string;
  /** Below the name. */
  note: string;
  title: string;
  isKey: boolean;
  alignEnd: boolean;
  /** As `order` writes it; null: rows cannot be ordered by it. */
  orderField: string | null;
  render: (row: Row) => ComponentChildren;
}

const MOVES: Record<string, readonly [rows: number, columns: number]> = {
  ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
  PageUp: [-15, 0], PageDown: [15, 0], Home: [0, -1e6], End: [0, 1e6],
};

function move(event: KeyboardEvent): void {
  const cell = (event.target as HTMLElement).closest("td");
  const row = cell?.parentElement as HTMLTableRowElement | null | undefined;
  if (!cell || !row || event.target !== cell) return;
  if (event.key === "Enter" || event.key === " ") {
    cell.querySelector<HTMLElement>("a, button")?.click();
    event.preventDefault();
    return;
  }
  const by = MOVES[event.key];
  if (!by || event.altKey || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const rows = (row.parentElement as HTMLTableSectionElement).rows;
  const within = (value: number, length: number): number => Math.min(length - 1, Math.max(0, value));
  const target = rows[within(row.sectionRowIndex + by[0], rows.length)]!;
  const next = target.cells[within(cell.cellIndex + by[1], target.cells.length)]!;
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export function Grid({ label, columns, rows, gutter, order = [], sort, busy = false }: {
  label: string;
  columns: readonly GridColumn[];
  rows: readonly Row[];
  /** What stands before a row: the way to all of it. */
  gutter?: (row: Row, index: number) => ComponentChildren;
  order?: readonly OrderKey[];
  /** Missing: the order is fixed. */
  sort?: (field: string, added: boolean) => void;
  busy?: boolean;
}): JSX.Element {
  return (
    <table class="grid" aria-label={label} aria-busy={busy} aria-rowcount={rows.length}>
      <thead>
        <tr>
          {gutter && <th class="gutter"><span class="unseen">Row</span></th>}
          {columns.map((column) => {
            const at = order.findIndex((key) => key.field === column.orderField);
            const key = order[at];
            const direction = key ? (key.descending ? "descending" : "ascending") : undefined;
            const head = (
              <>
                <span class="column-name">
                  {column.isKey && <span class="key-mark" title="primary key">●</span>}
                  <bdi>{column.name}</bdi>
                  {key && <span class="arrow">{key.descending ? "↓" : "↑"}{order.length > 1 ? at + 1 : ""}</span>}
                </span>
                <span class="column-note">{column.note}</span>
              </>
            );
            const field = column.orderField;
            return (
              <th key={column.name} class={column.alignEnd ? "end" : ""} aria-sort={direction} title={column.title}>
                {sort && field !== null ? <button type="button" onClick={(event) => sort(field, event.shiftKey)}>{head}</button> : <div>{head}</div>}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody onKeyDown={move}>
        {rows.map((row, index) => (
          <tr key={index}>
            {gutter && <td class="gutter" tabIndex={index === 0 ? 0 : -1}>{gutter(row, index)}</td>}
            {columns.map((column, place) => (
              <td key={column.name} class={column.alignEnd ? "end" : ""} tabIndex={index === 0 && place === 0 && !gutter ? 0 : -1}>
                {column.render(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
