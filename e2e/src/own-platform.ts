import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTwofold, TwofoldProcess } from './dev-process.ts';
import { writeProject, type WrittenProject } from './written-project.ts';

/** `twofold dev` over a project and data of a test's own, which go when it ends. */
export class OwnPlatform {
  url = '';
  private readonly project: WrittenProject;
  private readonly folder: string;
  private readonly partitions: number;
  private running: TwofoldProcess | null = null;

  /** @param declaration text of the project's declaration */
  constructor(name: string, declaration: string, partitions = 1) {
    this.project = writeProject(name, declaration);
    this.folder = mkdtempSync(path.join(tmpdir(), `twofold-${name}-`));
    this.partitions = partitions;
  }

  /** What a command is given to be about this project and its data. */
  args(...args: string[]): string[] {
    return [...args, '--project', this.project.folder, '--data-folder', path.join(this.folder, 'data')];
  }

  async start(): Promise<void> {
    this.running = new TwofoldProcess(this.args('dev', '--port', '0', '--partitions', String(this.partitions)));
    this.url = await this.running.ready();
  }

  async kill(): Promise<void> {
    await this.running?.kill('SIGKILL');
  }

  async end(): Promise<void> {
    await this.running?.kill('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
    this.project.remove();
  }

  /** Runs a command. What it printed; throws when it did not end in 0. */
  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runTwofold(this.args(...args));
    if (code !== 0) throw new Error(`twofold ${args.join(' ')} ended with ${code}: ${stderr.slice(0, 600)}`);
    return stdout;
  }

  /** Sends events with the command that does so. */
  async send(stream: string, events: readonly object[]): Promise<void> {
    const file = path.join(this.folder, `${stream}.ndjson`);
    writeFileSync(file, `${events.map((event) => JSON.stringify(event)).join('\n')}\n`);
    await this.run('send', stream, file);
    rmSync(file);
  }

  /** The data of an answer of the API, as the caller knows it. */
  async ask(query: string): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.url, { method: 'POST', headers, body: JSON.stringify({ query }) });
    return ((await response.json()) as { data: unknown }).data;
  }
}
