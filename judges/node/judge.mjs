// One named line an operation: what was called, what was expected, what came. judges/verdicts.py reads them from stdout and
// holds refusals against docs/parity.md.

const LIMIT_MS = 40_000;
// P-hub-flicker: a new hub is not found at first, and now and then later; a client of Azure's has to ask again.
const FLICKER = "IotHubNotFound";

export class Judge {
  constructor(client, write = (line) => process.stdout.write(JSON.stringify(line) + "\n")) {
    this.client = client;
    this.write = write;
  }

  /** The call succeeds, and `holds` says so of its value. -> the value, undefined where it failed */
  async passes(operation, call, holds = () => true) {
    try {
      const value = await asked(call);
      const held = holds(value);
      const told = held ? "" : `the value is not as expected: ${short(value)}`;
      this._line(operation, { expected: source(holds), outcome: held ? "passed" : "failed", told });
      return value;
    } catch (error) {
      this._line(operation, { expected: source(holds), outcome: "failed", told: told(error) });
      return undefined;
    }
  }

  /** Azure refuses this too, with a word of `codes` in its answer. */
  async answers(operation, codes, call) {
    const wanted = [codes].flat();
    const said = await saidBy(call);
    const right = said !== null && wanted.every((code) => said.includes(code));
    this._line(operation, {
      expected: `refused with ${wanted.join(" and ")}`,
      outcome: right ? "passed" : "failed",
      told: right ? "" : (said ?? "it was not refused"),
    });
  }

  /** The stand-in has not got this: it refuses as row `row` of docs/parity.md says. */
  async refuses(operation, row, call) {
    const said = await saidBy(call);
    this._line(operation, {
      expected: `refused as ${row}`,
      outcome: said === null ? "failed" : "refused",
      row,
      told: said ?? "it was not refused",
    });
  }

  /** A wrong expectation must be seen, else every other line is worth nothing. */
  async canFail() {
    const lines = [];
    const other = new Judge(this.client, (line) => lines.push(line.outcome));
    await other.passes("", async () => 1, (value) => value === 2);
    await other.answers("", "Conflict", async () => { throw new Error("NotFound"); });
    await other.answers("", "Conflict", async () => 1);
    await other.refuses("", "R-none", async () => 1);
    await this.passes("a wrong expectation fails", async () => lines, (all) => all.length === 4 && all.every((one) => one === "failed"));
  }

  _line(operation, line) {
    this.write({ client: this.client, operation, ...line });
  }
}

export async function all(iterator) {
  const found = [];
  for await (const one of iterator) found.push(one);
  return found;
}

async function saidBy(call) {
  try {
    await asked(call);
    return null;
  } catch (error) {
    return told(error);
  }
}

async function asked(call) {
  for (let left = 3; ; left -= 1) {
    try {
      return await limited(call());
    } catch (error) {
      if (left === 0 || !told(error).includes(FLICKER)) throw error;
    }
  }
}

function limited(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${LIMIT_MS / 1000} s`)), LIMIT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function told(error, depth = 3) {
  const parts = [error?.name, error?.code, error?.statusCode, error?.status, error?.response?.statusCode, error?.condition, error?.message, error?.responseBody, error?.details];
  const inner = error?.amqpError ?? error?.transportError ?? error?.innerError ?? error?.cause;
  return parts.filter(Boolean).map((part) => (typeof part === "object" ? short(part) : String(part))).join(" | ") + (inner && depth ? ` <- ${told(inner, depth - 1)}` : "");
}

function short(value) {
  try {
    return JSON.stringify(value)?.slice(0, 600) ?? String(value);
  } catch {
    return String(value);
  }
}

function source(holds) {
  return holds.toString().replace(/\s+/g, " ").slice(0, 160);
}
