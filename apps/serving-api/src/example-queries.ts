import { longestWindowMs, type ExprType, type View } from '@twofold/views';
import { durationText } from './scalars.ts';

/** A query that works as it stands, for one view: its newest windows, where they come from and how old they are. */
export function exampleQuery(view: View, now: number, sampleKey: Readonly<Record<string, unknown>> | null): string {
  const span = Math.max(longestWindowMs(view.window) * 10, 600_000);
  const to = Math.ceil((now + 1) / 60_000) * 60_000;
  const path = view.serve[0]?.key ?? [];
  const key = path.map((name) => `${name}: { eq: ${literal(view, name, sampleKey)} }`).join(', ');
  const values = [...view.measures, ...view.derived].map(({ name }) => name);
  return [
    `# ${sentence(view.description ?? view.name)}`,
    `# The ${durationText(span)} up to the newest event; the triangle runs it.`,
    ...(path.length === 0 ? [] : [`# Another ${path.join(', ')}: change the key.`]),
    `# Ctrl-Space shows what else there is.`,
    `query ${view.name} {`,
    `  ${view.name}(`,
    ...(path.length === 0 ? [] : [`    key: { ${key} }`]),
    `    timeRange: {`,
    `      from: "${iso(to - span)}"`,
    `      to: "${iso(to)}"`,
    `    }`,
    `    orderBy: [{ field: WINDOW, direction: DESC }]`,
    `    first: 10`,
    `  ) {`,
    `    nodes {`,
    ...['windowStart', 'windowEnd', 'complete', ...view.dimensions.map(({ name }) => name), ...values].map(
      (name) => `      ${name}`,
    ),
    `    }`,
    `    totals {`,
    ...values.map((name) => `      ${name}`),
    `    }`,
    `    freshness { health lag because }`,
    `    provenance {`,
    `      release build layers`,
    `      partitions { partition cut position }`,
    `    }`,
    `  }`,
    `}`,
    ``,
  ].join('\n');
}

/** On one line, and with one full stop at most. */
function sentence(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return /[.!?…]$/.test(line) ? line : `${line}.`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

function literal(view: View, name: string, sampleKey: Readonly<Record<string, unknown>> | null): string {
  const sample = sampleKey?.[name];
  if (sample !== undefined && sample !== null)
    return typeof sample === 'number' ? String(sample) : JSON.stringify(sample);
  const type = view.dimensions.find((dimension) => dimension.name === name)?.expr.type;
  return type === undefined ? '""' : placeholder(type);
}

function placeholder(type: ExprType): string {
  if (type.kind === 'number') return '0';
  if (type.kind === 'boolean') return 'true';
  if (type.kind === 'instant') return '"2026-01-01T00:00:00Z"';
  if (type.kind === 'date') return '"2026-01-01"';
  return '"…"';
}
