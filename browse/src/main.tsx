/** The page at `/browse`: a list of tables on the left, a view on the right, and the address that says which. */

import { render, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ApiError, onToken } from "./api";
import { Diagram } from "./diagram";
import { Import } from "./import";
import { finishLogin } from "./login";
import { Me } from "./me";
import { Numbers } from "./numbers";
import { useRoute, type Route } from "./route";
import { NewRow, OneRow } from "./row";
import { Rows } from "./rows";
import { Sidebar, Tables } from "./tables";
import { asError, Failure } from "./ui";

function Content({ route }: { route: Route }): JSX.Element {
  const id = `${route.view}/${route.schema}/${route.table}`;
  switch (route.view) {
    case "rows":
      return <Rows key={id} route={route} />;
    case "row":
      return <OneRow key={`${id}/${route.key.join("\0")}`} route={route} />;
    case "new":
      return <NewRow key={id} route={route} />;
    case "import":
      return <Import key={id} route={route} />;
    case "numbers":
      return <Numbers key={id} route={route} />;
    case "diagram":
      return <Diagram key={id} route={route} />;
    case "me":
      return <Me />;
    case "tables":
      return <Tables />;
  }
}

function App({ problem }: { problem: ApiError | null }): JSX.Element {
  const route = useRoute();
  const [open, setOpen] = useState(false);
  const [turn, setTurn] = useState(0);
  useEffect(() => onToken(() => setTurn((before) => before + 1)), []);
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); document.getElementById("content")?.focus(); }}>Skip to the content</a>
      <button type="button" class="drawer" aria-label="Tables" aria-expanded={open} onClick={() => setOpen(!open)}>☰</button>
      <Sidebar route={route} open={open} close={() => setOpen(false)} />
      {open && <div class="veil" onClick={() => setOpen(false)} />}
      <main id="content" tabIndex={-1}>
        {problem && <Failure error={problem} />}
        <Content key={turn} route={route} />
      </main>
    </>
  );
}

async function start(): Promise<void> {
  let problem: ApiError | null = null;
  try {
    await finishLogin();
  } catch (error) {
    problem = asError(error);
  }
  render(<App problem={problem} />, document.getElementById("app")!);
}

void start();
