import { createServer } from 'node:http';
import { startServingApi } from '@twofold/serving-api';
import { systemClock, systemRng, ulidIds } from '@twofold/service';
import { openEmbeddedStore } from '@twofold/view-store-embedded';
import { byMinute, sensorReadings, silent } from './bench-log.ts';
import { switchedViews } from './switched-views.ts';

// A server of its own process: `serve.ts <store folder>` is ours, with the views of P1 when `p1` is told, too;
// `serve.ts --limit <rows as JSON>` says the same rows with plain node:http and JSON.stringify. Prints its port, then serves
// until it is killed or whoever started it is gone.
process.stdin.resume().on('close', () => process.exit());
const [what = '', rows = '[]'] = process.argv.slice(2);
if (what === '--limit') {
  const nodes: unknown = JSON.parse(rows);
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ data: { byMinute: { nodes } } }));
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
  });
} else {
  const clock = systemClock();
  const ids = ulidIds(clock, systemRng());
  const store = await openEmbeddedStore({ directory: what, project: 'bench', ids, clock, mode: 'read' });
  const api = await startServingApi({
    views: rows === 'p1' ? switchedViews : [byMinute],
    streams: [sensorReadings],
    store,
    clock,
    logger: silent,
    host: '127.0.0.1',
    port: 0,
    cursorSecret: 'a benchmark signs nothing of worth',
  });
  process.stdout.write(`${api.address().port}\n`);
}
