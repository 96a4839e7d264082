import { readWholeLog, type WritablePlatform } from '@twofold/cli';
import { AnswerWatch } from '../answer-watch.ts';
import { checkAnswers } from '../check-answers.ts';
import { OffsetWatch } from '../offset-watch.ts';
import type { OwnServers } from '../own-servers.ts';
import type { OwnServer } from '../run-services.ts';
import type { ServerProject } from '../server-project.ts';
import { SteadySender } from '../steady-sender.ts';
import { sleep } from '../until.ts';
import type { ServiceProcess } from '../service-process.ts';
import { say, seconds, tell } from './tell.ts';

const RATE = 1_000;
/** Events flow so long before each kill. */
const BETWEEN_MS = 5_000;
/** A server stays away so long. */
const AWAY_MS = 2_000;
const STREAM = 'sensor-readings';

export interface DemoProcesses {
  readonly speed: ServiceProcess;
  readonly otherSpeed: ServiceProcess;
  readonly batch: ServiceProcess;
  readonly serve: ServiceProcess;
}

interface Kills {
  readonly plant: ServerProject;
  readonly platform: WritablePlatform;
  readonly servers: OwnServers;
  readonly processes: DemoProcesses;
}

/** Kills a speed layer, the broker and the Cassandra node while events flow; true when nothing differs afterwards. */
export async function killInTurn({ plant, platform, servers, processes }: Kills): Promise<boolean> {
  say(`Killing, while ${RATE} events a second flow and the API is asked three times a second:`);
  const before = (await plant.compare(platform, STREAM)).applied;
  const sender = new SteadySender(platform, plant.topic(STREAM), { seed: 5, ratePerSecond: RATE });
  const answers = new AnswerWatch(processes.serve.url);
  const looking = await plant.follow();
  const offsets = new OffsetWatch(plant.project, looking);
  await sleep(BETWEEN_MS);
  await killSpeed(plant, platform, processes);
  for (const server of [servers.kafka, servers.cassandra]) {
    await sleep(BETWEEN_MS);
    await killServer(server, plant, platform);
  }
  await sleep(BETWEEN_MS);
  const rate = await sender.stop();
  await plant.fresh(platform);
  await Promise.all([answers.stop(), offsets.stop()]);
  await looking.close();
  const proof = await plant.compare(platform, STREAM);
  const exact = proof.applied === before + sender.acknowledged;
  say(
    `${sender.acknowledged} events were acknowledged at ${rate.toFixed(0)} a second, ${sender.repeated} sends were ` +
      `repeated; ${proof.applied - before} of them count: ${exact ? 'none lost, none twice' : 'NOT the same number'}`,
  );
  const equal = tell(proof);
  return (await tellWatched(plant, platform, answers, offsets)) && equal && exact;
}

async function killSpeed(plant: ServerProject, platform: WritablePlatform, { speed }: DemoProcesses): Promise<void> {
  const begun = performance.now();
  await speed.kill('SIGKILL');
  speed.restart();
  speed.keep();
  await plant.fresh(platform);
  say(`  a speed layer killed -9: every answer is fresh again after ${seconds(performance.now() - begun)}`);
}

async function killServer(server: OwnServer, plant: ServerProject, platform: WritablePlatform): Promise<void> {
  await server.killNine();
  await sleep(AWAY_MS);
  const begun = performance.now();
  const healthy = server.up();
  await server.listens();
  const openAt = performance.now();
  await healthy;
  await plant.fresh(platform);
  say(
    `  ${server.service} killed -9 and started again: its port opens after ${seconds(openAt - begun)}, every answer is ` +
      `fresh again ${seconds(performance.now() - openAt)} after that`,
  );
}

async function tellWatched(
  plant: ServerProject,
  platform: WritablePlatform,
  answers: AnswerWatch,
  offsets: OffsetWatch,
): Promise<boolean> {
  const topic = platform.topics.find(({ stream }) => stream.name === STREAM);
  const log = topic === undefined ? [] : await readWholeLog(topic, platform.log);
  const { answers: checked, inFull, difference } = checkAnswers(answers.answers, plant.project.views, log);
  say(
    `  ${checked} answers given meanwhile (${inFull} in every value, the others in every count) beside the oracle over ` +
      `the positions each claims, ${answers.unanswered} questions unanswered: ${difference ?? 'no answer with a hole'}`,
  );
  say(
    `  ${offsets.looks} looks at rows and lanes in the store: ${offsets.difference ?? 'no applied offset ever went back'}`,
  );
  return difference === null && offsets.difference === null && checked > 0;
}
