// Lints everything, or the folders given, in one process. The boundary rule passes in silence when no project graph is
// cached, so the graph is made first, and the run counts only when a planted violation is reported too.
import { ESLint } from 'eslint';
import { refreshProjectGraph } from './project-graph.ts';

const boundaryRule = '@nx/enforce-module-boundaries';

refreshProjectGraph(process.cwd());
// No cache: with rules that read types, what a file says depends on files that did not change with it.
const eslint = new ESLint();
const results = await eslint.lintFiles(process.argv.length > 2 ? process.argv.slice(2) : ['.']);
const formatter = await eslint.loadFormatter('stylish');
const text = await formatter.format(results);
if (text !== '') console.log(text);
const problems = results.reduce((sum, { errorCount, warningCount }) => sum + errorCount + warningCount, 0);
console.log(`lint: ${results.length} files, ${problems} problems`);
process.exitCode = problems > 0 ? 1 : 0;

// Last, because the planted text takes the file's place for every later look at its types.
const planted = await new ESLint().lintText("import '@twofold/batch-layer';\n", {
  filePath: 'apps/speed-layer/src/index.ts',
});
if (!planted.some(({ messages }) => messages.some(({ ruleId }) => ruleId === boundaryRule))) {
  console.error('The module-boundary rule did not report a planted violation: its result can not be trusted.');
  process.exit(1);
}
