import { processHost, runService, systemClock } from '@twofold/service';
import { say } from '../output.ts';
import { runPlatform } from '../run-platform.ts';
import type { CliSettings } from '../settings.ts';

/** Runs the three layers over the embedded log and store until it is asked to end. */
export async function dev(projectFolder: string, values: CliSettings): Promise<number> {
  const clock = systemClock();
  const running = await runPlatform(projectFolder, values, { scheduled: true });
  const { project, logger } = running;
  say(`Twofold runs project ${project.id} (${project.views.map((view) => view.name).join(', ')})`);
  say(`  ask       ${running.url}   (in a browser: GraphiQL)`);
  say(`  send      npx twofold send ${project.streams[0]?.name ?? '<stream>'} events.ndjson`);
  say(`  look      npx twofold status · npx twofold runs`);
  say('  end       Ctrl-C');
  return runService({
    host: processHost(),
    clock,
    logger,
    service: async (context) => {
      const { signal } = context;
      context.ready({ url: running.url });
      const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      await Promise.race([stopped, running.failed]);
      await running.stop();
    },
  });
}
