// Run the calls of a file one at a time: read a call's title from each line of the input, and write a line of JSON,
// null or what went wrong. Usage: node run.mjs FILE CLIENT ADDRESS
import { createInterface } from "node:readline";

const [file, client, address] = process.argv.slice(2);
const { calls, connect } = await import(file);
const db = connect(client, address);
for await (const name of createInterface({ input: process.stdin })) {
  let failure = null;
  try {
    await calls[name](db);
  } catch (error) {
    failure = error.stack ?? String(error);
  }
  process.stdout.write(JSON.stringify(failure) + "\n");
}
process.exit(0);
