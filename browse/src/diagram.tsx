/** The schema as a picture: tables as boxes, foreign keys as lines, drawn once and moved by its viewBox. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { fileAddress } from "./api";
import { allTables, idOf, isOptional, isUnique, shortType, type Table } from "./catalog";
import type { Box, Layout, Line } from "./layout";
import { mermaid } from "./mermaid";
import { link, type Route } from "./route";
import { Copy, Failure, Menu, plural, save, useLoad, useTitle } from "./ui";

const ROW = 17;
const HEAD = 26;
const MOST_COLUMNS = 12;
const CHARACTER = 6.4;

interface Entity {
  id: string;
  table: Table;
  rows: { column: string; name: string; type: string; mark: string }[];
  more: number;
  width: number;
  height: number;
}

interface Edge extends Line {
  title: string;
  /** Where the line ends on both sides: the first column of the key, and the one that it references. */
  column: string;
  referenced: string;
  /** The referencing side has at most one row. */
  toOne: boolean;
  optional: boolean;
}

const cut = (text: string, most: number): string => ([...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text);

function entity(table: Table): Entity {
  const references = new Set(table.foreign_keys.flatMap((key) => key.columns));
  const keyed = table.columns.filter((column) => table.primary_key.includes(column.name) || references.has(column.name));
  const others = table.columns.filter((column) => !keyed.includes(column));
  const shown = [...keyed, ...others].slice(0, MOST_COLUMNS);
  const rows = shown.map((column) => ({
    column: column.name,
    name: cut(column.name, 28),
    type: cut(shortType(column), 16),
    mark: table.primary_key.includes(column.name) ? "pk" : references.has(column.name) ? "fk" : "",
  }));
  const more = table.columns.length - shown.length;
  const widest = Math.max([...cut(table.name, 32)].length * 1.1, ...rows.map((row) => row.name.length + row.type.length + 5));
  return { id: idOf({ schema: table.schema, table: table.name }), table, rows, more, width: Math.max(110, Math.ceil(widest * CHARACTER) + 24), height: HEAD + rows.length * ROW + (more > 0 ? ROW : 0) + 8 };
}

function edges(tables: readonly Table[]): Edge[] {
  const known = new Set(tables.map((table) => idOf({ schema: table.schema, table: table.name })));
  return tables.flatMap((table) =>
    table.foreign_keys.flatMap((key): Edge[] => {
      const to = idOf({ schema: key.referenced_schema, table: key.referenced_table });
      if (!known.has(to)) return [];
      return [{
        from: idOf({ schema: table.schema, table: table.name }),
        to,
        column: key.columns[0]!,
        referenced: key.referenced_columns[0]!,
        title: `${table.name} (${key.columns.join(", ")}) → ${key.referenced_table} (${key.referenced_columns.join(", ")})`,
        toOne: isUnique(table, key),
        optional: isOptional(table, key),
      }];
    }),
  );
}

/** Only the address of our own file can start a worker: the page's policy asks for this one gate. */
const policy = (globalThis as { trustedTypes?: { createPolicy: (name: string, rules: object) => { createScriptURL: (text: string) => string } } }).trustedTypes
  ?.createPolicy("aurorest-browse", { createScriptURL: (text: string) => (text === "layout.js" ? fileAddress(text) : "about:blank") });

function arrange(boxes: readonly Box[], lines: readonly Line[], signal: AbortSignal): Promise<Layout> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(policy ? policy.createScriptURL("layout.js") : fileAddress("layout.js"));
    signal.addEventListener("abort", () => worker.terminate());
    worker.onmessage = (event: MessageEvent<{ layout?: Layout; error?: string }>) => {
      worker.terminate();
      if (event.data.layout) resolve(event.data.layout);
      else reject(new Error(event.data.error));
    };
    worker.onerror = () => reject(new Error("The diagram could not be laid out."));
    worker.postMessage({ boxes: boxes.map(({ id, width, height }) => ({ id, width, height })), lines: lines.map(({ from, to }) => ({ from, to })) });
  });
}

interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function Diagram({ route }: { route: Route }): JSX.Element {
  useTitle("Diagram");
  const [views, setViews] = useState(false);
  const loaded = useLoad(
    async (signal) => {
      const all = await allTables();
      const tables = views ? all : all.filter((table) => table.kind === "table");
      const entities = tables.map(entity);
      const lines = edges(tables);
      return { all, tables, entities, lines, layout: await arrange(entities, lines, signal) };
    },
    [views],
  );
  const [search, setSearch] = useState(route.table);
  const svg = useRef<SVGSVGElement>(null);
  if (loaded.error) return <section class="view"><Failure error={loaded.error} again={loaded.again} /></section>;
  const { value } = loaded;
  const hasViews = value?.all.some((table) => table.kind === "view") ?? false;
  return (
    <section class="view diagram" aria-label="Diagram of the schema">
      <header class="head">
        <div class="heading">
          <h1>Diagram</h1>
          <p class="faint">{value ? `${plural(value.tables.length, "table")} · ${plural(value.lines.length, "foreign key")}` : "Drawing…"}</p>
        </div>
        <div class="tools">
          <input type="search" placeholder="Find a table or column" aria-label="Find a table or column" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
          {hasViews && <label class="check"><input type="checkbox" checked={views} onChange={() => setViews(!views)} /> Views</label>}
          {value && (
            <Menu label="Export" align="end">
              {(close) => (
                <div class="choices">
                  <button type="button" onClick={() => { save(new Blob([exported(svg.current!, value.layout)], { type: "image/svg+xml" }), "schema.svg"); close(); }}>SVG</button>
                  <button type="button" onClick={() => { save(new Blob([mermaid(value.tables)], { type: "text/plain" }), "schema.mmd"); close(); }}>Mermaid</button>
                  <Copy text={mermaid(value.tables)} label="Copy Mermaid" />
                </div>
              )}
            </Menu>
          )}
        </div>
      </header>
      {value && <Canvas key={String(views)} entities={value.entities} lines={value.lines} layout={value.layout} search={search} svg={svg} focusOn={route.table ? idOf(route) : null} />}
    </section>
  );
}

function Canvas({ entities, lines, layout, search, svg, focusOn }: {
  entities: readonly Entity[];
  lines: readonly Edge[];
  layout: Layout;
  search: string;
  svg: { current: SVGSVGElement | null };
  focusOn: string | null;
}): JSX.Element {
  const whole: Frame = { x: -20, y: -20, width: layout.width + 40, height: layout.height + 40 };
  const [frame, setFrame] = useState<Frame>(whole);
  const [near, setNear] = useState<string | null>(null);
  const hold = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const byId = useMemo(() => new Map(entities.map((each) => [each.id, each])), [entities]);
  const wanted = search.trim().toLowerCase();
  const found = useMemo(() => {
    if (wanted === "") return null;
    const names = entities.filter(({ table }) => table.name.toLowerCase().includes(wanted) || table.columns.some((column) => column.name.toLowerCase().includes(wanted)));
    return new Set(names.map((each) => each.id));
  }, [entities, wanted]);

  /** As large as 1:1 allows, around one box. */
  const around = (id: string): void => {
    const place = layout.boxes[id];
    const box = byId.get(id);
    const element = svg.current;
    if (!place || !box || !element) return;
    const [width, height] = [element.clientWidth, element.clientHeight];
    setFrame({ x: place.x + box.width / 2 - width / 2, y: place.y + box.height / 2 - height / 2, width, height });
  };
  useEffect(() => {
    if (focusOn) around(focusOn);
    else {
      const element = svg.current!;
      const scale = Math.max(whole.width / element.clientWidth, whole.height / element.clientHeight, 1);
      const [width, height] = [element.clientWidth * scale, element.clientHeight * scale];
      setFrame({ x: whole.x - (width - whole.width) / 2, y: whole.y - Math.max(0, (height - whole.height) / 2), width, height });
    }
  }, []);
  useEffect(() => {
    const exact = entities.find(({ table }) => table.name.toLowerCase() === wanted) ?? (found?.size === 1 ? entities.find((each) => found.has(each.id)) : undefined);
    if (exact) around(exact.id);
  }, [wanted]);
  useEffect(() => {
    const element = svg.current!;
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const bounds = element.getBoundingClientRect();
      zoom(Math.exp(Math.max(-120, Math.min(120, event.deltaY)) * 0.002), (event.clientX - bounds.left) / bounds.width, (event.clientY - bounds.top) / bounds.height);
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, []);
  const zoom = (by: number, atX = 0.5, atY = 0.5): void =>
    setFrame((old) => {
      const width = Math.min(whole.width * 3, Math.max(150, old.width * by));
      const height = (old.height * width) / old.width;
      return { x: old.x + (old.width - width) * atX, y: old.y + (old.height - height) * atY, width, height };
    });
  const pan = (x: number, y: number): void => setFrame((old) => ({ ...old, x: old.x + x * old.width, y: old.y + y * old.height }));
  const keys = (event: KeyboardEvent): void => {
    const by: Record<string, () => void> = {
      "+": () => zoom(0.8), "=": () => zoom(0.8), "-": () => zoom(1.25), "0": () => setFrame(whole),
      ArrowLeft: () => pan(-0.1, 0), ArrowRight: () => pan(0.1, 0), ArrowUp: () => pan(0, -0.1), ArrowDown: () => pan(0, 0.1),
    };
    if (by[event.key]) {
      event.preventDefault();
      by[event.key]!();
    }
  };
  const touching = near === null ? null : new Set([near, ...lines.filter((line) => line.from === near || line.to === near).flatMap((line) => [line.from, line.to])]);
  const faded = (id: string): boolean => (found !== null ? !found.has(id) : touching !== null && !touching.has(id));
  return (
    <div class="canvas">
      <svg
        ref={svg} role="group" aria-label="Tables and their foreign keys" tabIndex={0} onKeyDown={keys}
        viewBox={`${frame.x} ${frame.y} ${frame.width} ${frame.height}`}
        onPointerDown={(event) => { hold.current = { x: event.clientX, y: event.clientY, moved: false }; }}
        onPointerMove={(event) => {
          const from = hold.current;
          if (!from || event.buttons === 0) return;
          const [x, y] = [event.clientX - from.x, event.clientY - from.y];
          if (!from.moved && Math.hypot(x, y) < 4) return;
          if (!from.moved) event.currentTarget.setPointerCapture(event.pointerId);
          hold.current = { x: event.clientX, y: event.clientY, moved: true };
          const scale = frame.width / event.currentTarget.clientWidth;
          setFrame((old) => ({ ...old, x: old.x - x * scale, y: old.y - y * scale }));
        }}
        onPointerUp={() => { setTimeout(() => { hold.current = null; }); }}
        onClickCapture={(event) => { if (hold.current?.moved) { event.preventDefault(); event.stopPropagation(); } }}
        onDragStart={(event) => event.preventDefault()}
      >
        <g class="edges">
          {lines.map((line, index) => <EdgeLine key={index} line={line} path={pathOf(line, layout, byId, layout.lines[index] ?? [])} faded={near === null ? false : line.from !== near && line.to !== near} near={near !== null && (line.from === near || line.to === near)} />)}
        </g>
        {entities.map((each) => <EntityBox key={each.id} entity={each} place={layout.boxes[each.id]!} faded={faded(each.id)} wanted={wanted} enter={() => setNear(each.id)} leave={() => setNear(null)} />)}
      </svg>
      <div class="zoom" role="group" aria-label="Zoom">
        <button type="button" aria-label="Larger" onClick={() => zoom(0.75)}>+</button>
        <button type="button" aria-label="Smaller" onClick={() => zoom(1.33)}>−</button>
        <button type="button" onClick={() => setFrame(whole)}>All</button>
      </div>
    </div>
  );
}

interface Point {
  x: number;
  y: number;
}

interface Path {
  line: string;
  /** A crow's foot at the side with many rows, a bar at the side with one. */
  ends: string;
}

function height(each: Entity, column: string): number {
  const at = each.rows.findIndex((row) => row.column === column);
  return at < 0 ? HEAD / 2 : HEAD + 12 + at * ROW;
}

/** From the foreign key's row to the referenced one, level where it leaves a box and where it passes between two. */
function pathOf(edge: Edge, layout: Layout, byId: ReadonlyMap<string, Entity>, points: readonly Point[]): Path {
  const [child, parent] = [byId.get(edge.from)!, byId.get(edge.to)!];
  const [from, to] = [layout.boxes[edge.from]!, layout.boxes[edge.to]!];
  const toTheLeft = from.x >= to.x + parent.width;
  const toTheRight = from.x + child.width <= to.x;
  const [out, into] = [toTheLeft ? -1 : 1, toTheRight ? -1 : 1];
  const start = { x: from.x + (out > 0 ? child.width : 0), y: from.y + height(child, edge.column) };
  const end = { x: to.x + (into > 0 ? parent.width : 0), y: to.y + height(parent, edge.referenced) };
  const foot = edge.toOne
    ? `M${start.x + out * 6} ${start.y - 5}v10`
    : `M${start.x} ${start.y - 5}L${start.x + out * 10} ${start.y}L${start.x} ${start.y + 5}`;
  const ends = `${foot}M${end.x + into * 6} ${end.y - 5}v10`;
  if (!toTheLeft && !toTheRight) {
    const far = Math.max(start.x, end.x) + 34;
    return { line: `M${start.x} ${start.y}C${far} ${start.y} ${far} ${end.y} ${end.x} ${end.y}`, ends };
  }
  const between = points.length > 3 ? points.slice(1, -1) : [];
  let line = `M${start.x} ${start.y}`;
  let last: Point = start;
  for (const next of [...between, end]) {
    const middle = (last.x + next.x) / 2;
    line += `C${middle.toFixed(1)} ${last.y.toFixed(1)} ${middle.toFixed(1)} ${next.y.toFixed(1)} ${next.x.toFixed(1)} ${next.y.toFixed(1)}`;
    last = next;
  }
  return { line, ends };
}

function EdgeLine({ line, path, faded, near }: { line: Edge; path: Path; faded: boolean; near: boolean }): JSX.Element {
  return (
    <g class={`edge${faded ? " faded" : ""}${near ? " near" : ""}`}>
      <title>{line.title}</title>
      <path d={path.line} fill="none" stroke-dasharray={line.optional ? "5 3" : undefined} />
      <path d={path.ends} fill="none" />
    </g>
  );
}

function EntityBox({ entity: { table, rows, more, width, height }, place, faded, wanted, enter, leave }: {
  entity: Entity;
  place: { x: number; y: number };
  faded: boolean;
  wanted: string;
  enter: () => void;
  leave: () => void;
}): JSX.Element {
  return (
    <a class={`entity${faded ? " faded" : ""}`} href={link("rows", { schema: table.schema, table: table.name })} onPointerEnter={enter} onPointerLeave={leave} onFocus={enter} onBlur={leave}>
      <g transform={`translate(${place.x.toFixed(1)} ${place.y.toFixed(1)})`}>
        <title>{[table.name, table.comment].filter(Boolean).join("\n")}</title>
        <rect class="entity-box" width={width} height={height} rx="5" />
        <path class="entity-rule" d={`M0 ${HEAD}H${width}`} />
        <text class="entity-name" x="10" y="17">{cut(table.name, 32)}</text>
        {rows.map((row, index) => (
          <g key={index} aria-hidden="true" transform={`translate(0 ${HEAD + 16 + index * ROW})`}>
            {row.mark && <circle class={row.mark} cx="10" cy="-4" r="2.5" />}
            <text class={`entity-column${wanted && row.name.toLowerCase().includes(wanted) ? " found" : ""}`} x="18">{row.name}</text>
            <text class="entity-type" x={width - 8} text-anchor="end">{row.type}</text>
          </g>
        ))}
        {more > 0 && <text aria-hidden="true" class="entity-type" x="18" y={HEAD + 16 + rows.length * ROW}>{more} more</text>}
      </g>
    </a>
  );
}

const DRAWN = ["fill", "stroke", "stroke-width", "font-family", "font-size", "font-weight", "opacity"] as const;

/** The picture as a file: colours and fonts as attributes, without links into this page. */
function exported(svg: SVGSVGElement, layout: Layout): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, index) => {
    const style = getComputedStyle(originals[index]!);
    if (/^(path|rect|circle|text)$/.test(element.localName)) {
      for (const name of DRAWN) element.setAttribute(name, style.getPropertyValue(name));
    }
    element.removeAttribute("class");
  });
  for (const anchor of [...copy.querySelectorAll("a")].reverse()) {
    const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
    group.append(...anchor.childNodes);
    anchor.replaceWith(group);
  }
  for (const name of ["class", "tabindex", "role", "aria-label"]) copy.removeAttribute(name);
  for (const element of copy.querySelectorAll("[aria-hidden]")) element.removeAttribute("aria-hidden");
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("viewBox", `-20 -20 ${Math.ceil(layout.width + 40)} ${Math.ceil(layout.height + 40)}`);
  copy.setAttribute("width", String(Math.ceil(layout.width + 40)));
  copy.setAttribute("height", String(Math.ceil(layout.height + 40)));
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of [["x", "-20"], ["y", "-20"], ["width", "100%"], ["height", "100%"], ["fill", getComputedStyle(document.body).backgroundColor]] as const) ground.setAttribute(name, value);
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}
