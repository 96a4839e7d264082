import type { SourceFile, Survey, SurveyJob } from '@twofold/batch-engine';
import { floored } from './part-sources.ts';
import type { BatchPorts } from './ports.ts';

/** What the surveys of one run have found: views of a stream mostly ask for the same files, and coarser buckets are sums of finer ones. */
export class Surveys {
  readonly #engine: Pick<BatchPorts['engine'], 'survey'>;
  readonly #found = new Map<string, { readonly bucketMs: number; readonly survey: Survey }[]>();

  constructor({ engine }: Pick<BatchPorts, 'engine'>) {
    this.#engine = engine;
  }

  async of(job: SurveyJob, signal: AbortSignal): Promise<Survey> {
    const known = this.#knownOf(job.files);
    const finer = known.find(({ bucketMs }) => job.bucketMs % bucketMs === 0);
    if (finer !== undefined) return inBucketsOf(finer.survey, job.bucketMs);
    const survey = await this.#engine.survey(job, signal);
    known.push({ bucketMs: job.bucketMs, survey });
    return survey;
  }

  #knownOf(files: readonly SourceFile[]) {
    const key = files.map(({ path, partition, from, to }) => `${path} ${partition} ${from} ${to}`).join('\n');
    const known = this.#found.get(key) ?? [];
    this.#found.set(key, known);
    return known;
  }
}

function inBucketsOf(survey: Survey, bucketMs: number): Survey {
  const buckets = new Set(survey.buckets.map((start) => floored(start, bucketMs)));
  return { ...survey, buckets: [...buckets].sort((a, b) => a - b) };
}
