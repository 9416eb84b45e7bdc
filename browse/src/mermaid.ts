/** The schema as the text of a Mermaid entity relationship diagram. */

import { idOf, isOptional, isUnique, type Table } from "./catalog";

/** Mermaid takes letters, digits, `-` and `_` in attributes; whatever else there is becomes `_`. */
function word(text: string): string {
  const clean = text.replace(/[^A-Za-z0-9_-]+/g, "_").replace(/^_+|_+$/g, "");
  return /^[A-Za-z]/.test(clean) ? clean : `_${clean}`;
}

/** In double quotes, which cannot be escaped within. */
function label(text: string): string {
  return `"${text.replace(/["\\%]/g, "'").replace(/[\p{Cc}]/gu, " ")}"`;
}

export function mermaid(tables: readonly Table[]): string {
  const shown = new Map(tables.map((table) => [idOf({ schema: table.schema, table: table.name }), table]));
  const several = new Set(tables.map((table) => table.schema)).size > 1;
  const names = new Map<Table, string>();
  const taken = new Set<string>();
  for (const table of tables) {
    let name = label(several ? `${table.schema}.${table.name}` : table.name);
    while (taken.has(name)) name = `${name.slice(0, -1)}_"`;
    taken.add(name);
    names.set(table, name);
  }
  const lines = ["erDiagram"];
  for (const table of tables) {
    lines.push(`  ${names.get(table)} {`);
    const references = new Set(table.foreign_keys.flatMap((key) => key.columns));
    const unique = new Set(table.unique_keys.filter((key) => key.length === 1).flat());
    for (const column of table.columns) {
      const keys = [table.primary_key.includes(column.name) ? "PK" : "", references.has(column.name) ? "FK" : "", unique.has(column.name) ? "UK" : ""].filter(Boolean);
      const name = word(column.name);
      const comment = [name === column.name ? "" : column.name, column.comment].filter(Boolean).join(": ");
      lines.push(`    ${word(column.type.replace(/\(.*/s, ""))} ${name}${keys.length ? ` ${keys.join(", ")}` : ""}${comment ? ` ${label(comment)}` : ""}`);
    }
    lines.push("  }");
  }
  for (const table of tables) {
    for (const key of table.foreign_keys) {
      const target = shown.get(idOf({ schema: key.referenced_schema, table: key.referenced_table }));
      if (!target) continue;
      const optional = isOptional(table, key) ? "|o" : "||";
      lines.push(`  ${names.get(target)} ${optional}--o${isUnique(table, key) ? "|" : "{"} ${names.get(table)} : ${label(key.columns.join(", "))}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
