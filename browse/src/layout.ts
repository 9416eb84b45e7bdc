/** Runs in a worker: places of boxes and lines for the diagram, by dagre's layered layout. */

import { Graph, layout } from "@dagrejs/dagre";

export interface Box {
  id: string;
  width: number;
  height: number;
}

export interface Line {
  from: string;
  to: string;
}

export interface Layout {
  width: number;
  height: number;
  boxes: Record<string, { x: number; y: number }>;
  lines: (readonly { x: number; y: number }[])[];
}

const GAP = 36;

/** Boxes that lines join, group by group; what nothing joins stands in rows below. */
function arrange(boxes: readonly Box[], lines: readonly Line[]): Layout {
  const sizes = new Map(boxes.map((box) => [box.id, box]));
  const groups = components(boxes, lines).map((ids) => drawn(ids, sizes, lines));
  groups.sort((one, other) => other.width * other.height - one.width * one.height);
  const total = groups.reduce((sum, group) => sum + (group.width + GAP) * (group.height + GAP), 0);
  const most = Math.max(groups[0]?.width ?? 0, Math.sqrt(total * 1.8));
  const result: Layout = { width: 0, height: 0, boxes: {}, lines: [] };
  const placed: { points: readonly { x: number; y: number }[]; index: number }[] = [];
  let [x, y, tallest] = [0, 0, 0];
  for (const group of groups) {
    if (x > 0 && x + group.width > most) [x, y, tallest] = [0, y + tallest + GAP, 0];
    for (const [id, place] of group.boxes) result.boxes[id] = { x: place.x + x, y: place.y + y };
    for (const { points, index } of group.lines) placed.push({ index, points: points.map((point) => ({ x: point.x + x, y: point.y + y })) });
    result.width = Math.max(result.width, x + group.width);
    x += group.width + GAP;
    tallest = Math.max(tallest, group.height);
    result.height = Math.max(result.height, y + group.height);
  }
  for (const { points, index } of placed) result.lines[index] = points;
  return result;
}

interface Group {
  width: number;
  height: number;
  boxes: [string, { x: number; y: number }][];
  lines: { index: number; points: readonly { x: number; y: number }[] }[];
}

function drawn(ids: readonly string[], sizes: ReadonlyMap<string, Box>, lines: readonly Line[]): Group {
  if (ids.length === 1 && !lines.some((line) => line.from === ids[0])) {
    const only = sizes.get(ids[0]!)!;
    return { width: only.width, height: only.height, boxes: [[only.id, { x: 0, y: 0 }]], lines: [] };
  }
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 20, ranksep: 70, edgesep: 12 });
  const inside = new Set(ids);
  for (const id of ids) graph.setNode(id, { width: sizes.get(id)!.width, height: sizes.get(id)!.height });
  lines.forEach((line, index) => {
    // parents stand on the left
    if (inside.has(line.from)) graph.setEdge(line.to, line.from, {}, String(index));
  });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    boxes: ids.map((id) => {
      const node = graph.node(id) as { x: number; y: number; width: number; height: number };
      return [id, { x: node.x - node.width / 2, y: node.y - node.height / 2 }];
    }),
    lines: graph.edges().map((edge) => ({
      index: Number(edge.name),
      points: (graph.edge(edge) as { points: { x: number; y: number }[] }).points.toReversed(),
    })),
  };
}

function components(boxes: readonly Box[], lines: readonly Line[]): string[][] {
  const near = new Map<string, string[]>(boxes.map((box) => [box.id, []]));
  for (const { from, to } of lines) {
    near.get(from)!.push(to);
    near.get(to)!.push(from);
  }
  const seen = new Set<string>();
  const found: string[][] = [];
  for (const { id } of boxes) {
    if (seen.has(id)) continue;
    const group = [id];
    seen.add(id);
    for (const each of group) {
      for (const other of near.get(each)!) {
        if (!seen.has(other)) {
          seen.add(other);
          group.push(other);
        }
      }
    }
    found.push(group);
  }
  return found;
}

self.onmessage = (event: MessageEvent<{ boxes: Box[]; lines: Line[] }>) => {
  try {
    self.postMessage({ layout: arrange(event.data.boxes, event.data.lines) });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
