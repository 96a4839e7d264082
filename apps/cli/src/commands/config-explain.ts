import { EXIT, print, table } from '../output.ts';
import type { settings } from '../settings.ts';

/** Every setting, its value and where it came from; secrets are masked. */
export function configExplain(config: ReturnType<typeof settings.read>, json: boolean): number {
  const explained = config.explain();
  print(json, { settings: explained }, () =>
    table([['setting', 'value', 'from'], ...explained.map((s) => [s.name, s.value, s.from])]),
  );
  return EXIT.done;
}
