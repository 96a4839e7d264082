// @ts-check
// Imported before a process whose profile is wanted: the first SIGUSR2 begins it, the second writes it to E2E_PROFILE.
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

const session = new Session();
const file = process.env['E2E_PROFILE'] ?? '';
let begun = false;

process.on('SIGUSR2', () => {
  if (begun)
    session.post('Profiler.stop', (error, { profile }) => {
      if (error !== null) return;
      writeFileSync(`${file}.part`, JSON.stringify(profile));
      renameSync(`${file}.part`, file);
    });
  else {
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.setSamplingInterval', { interval: 500 });
    session.post('Profiler.start');
  }
  begun = true;
});
