import {
  beginTraining,
  createSolutionVersion,
  explainNotDeployed,
  openPglite,
  stopSolutionVersion,
  updateSolutionVersionProgress,
  updateTrainingStory,
} from '@attune/database';
import { TrainingServiceClient, TrainingStatus, TrialStatus, type WatchTrainingResponse } from '@attune/proto';
import { type GrpcServer, startGrpcServer } from '@attune/service';
import { eventually } from '@attune/testing';
import { credentials, status } from '@grpc/grpc-js';
import { SCOPE } from './controlApi.fixture';
import { grpcTraining } from './grpcTraining';
import { FILMS, SOLUTION, startVersionLife, type VersionLife, versionArn } from './versionLife.fixture';

const RUNNING = versionArn('00000001');
let life: VersionLife;
let server: GrpcServer;
let client: TrainingServiceClient;

beforeAll(async () => {
  life = await startVersionLife(() => openPglite());
  const services = [grpcTraining({ database: life.database, scope: SCOPE })];
  server = await startGrpcServer({ port: 0, logger: life.logger, metrics: life.registry, services });
  client = new TrainingServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await server.stop();
  await life.stop();
});
beforeEach(async () => {
  await life.clear();
  await createSolutionVersion(life.database, {
    arn: RUNNING,
    solutionArn: SOLUTION,
    datasetGroup: FILMS,
    createdAt: 1,
  });
});

const progressOf = (solutionVersionArn: string) =>
  new Promise((resolve, reject) => {
    client.getTrainingProgress({ solutionVersionArn }, (error, response) =>
      error ? reject(error) : resolve(response.progress),
    );
  });

test('tells where a training stands', async () => {
  await expect(progressOf(RUNNING)).resolves.toMatchObject({
    status: TrainingStatus.TRAINING_STATUS_PENDING,
    percent: 0,
  });
  await beginTraining(life.database, RUNNING, 2);
  const progress = { phase: 'training', epoch: 3, epochs: 10, loss: 5.5, validation: 0.125, fraction: 0.2345 };
  await updateSolutionVersionProgress(life.database, RUNNING, progress, 3);
  await expect(progressOf(RUNNING)).resolves.toMatchObject({
    solutionVersionArn: RUNNING,
    status: TrainingStatus.TRAINING_STATUS_IN_PROGRESS,
    percent: 23.5,
    phase: 'training',
    epoch: 3,
    epochs: 10,
    loss: 5.5,
    validationNdcgAt10: 0.125,
  });
});

const curveOf = (solutionVersionArn: string) =>
  new Promise((resolve, reject) => {
    client.getLearningCurve({ solutionVersionArn }, (error, response) => (error ? reject(error) : resolve(response)));
  });

const trialsOf = (solutionVersionArn: string) =>
  new Promise((resolve, reject) => {
    client.listTrials({ solutionVersionArn }, (error, response) => (error ? reject(error) : resolve(response)));
  });

test('shows the learning curve while a training goes on, and what was kept at its end', async () => {
  await expect(curveOf(RUNNING)).resolves.toEqual({ points: [], stopped: '' });
  await beginTraining(life.database, RUNNING, 2);
  const curve = [
    { epoch: 1, loss: 6.5, validation: 0.0625 },
    { epoch: 2, loss: 5.25, validation: 0.125 },
  ];
  await updateTrainingStory(life.database, RUNNING, { curve }, 3);
  const points = [
    { epoch: 1, loss: 6.5, validationNdcgAt10: 0.0625 },
    { epoch: 2, loss: 5.25, validationNdcgAt10: 0.125 },
  ];
  await expect(curveOf(RUNNING)).resolves.toEqual({ points, stopped: '' });
  await updateTrainingStory(life.database, RUNNING, { curve, bestEpoch: 2, stopped: 'early' }, 4);
  await expect(curveOf(RUNNING)).resolves.toEqual({ points, bestEpoch: 2, stopped: 'early' });
});

test('lists the trials of a search, and which of them is trained', async () => {
  await expect(trialsOf(RUNNING)).resolves.toEqual({ objective: '', trials: [] });
  await beginTraining(life.database, RUNNING, 2);
  const progress = { phase: 'training', epoch: 1, epochs: 10, fraction: 0.25, trial: 2, trials: 3 };
  await updateSolutionVersionProgress(life.database, RUNNING, progress, 3);
  await expect(progressOf(RUNNING)).resolves.toMatchObject({ percent: 25, trial: 2, trials: 3 });
  const curve = [{ epoch: 1, loss: 6.5, validation: 0.0625 }];
  const trials = [
    { trial: 1, hyperparameters: { bptt: '32' }, status: 'paused', objective: 0.25, curve },
    { trial: 2, hyperparameters: { bptt: '8' }, status: 'running', curve: [] },
  ];
  await updateTrainingStory(life.database, RUNNING, { curve, search: { objective: 'precision_at_5', trials } }, 4);
  await expect(trialsOf(RUNNING)).resolves.toEqual({
    objective: 'precision_at_5',
    trials: [
      {
        number: 1,
        hyperparameters: { bptt: '32' },
        status: TrialStatus.TRIAL_STATUS_PAUSED,
        objective: 0.25,
        points: [{ epoch: 1, loss: 6.5, validationNdcgAt10: 0.0625 }],
      },
      { number: 2, hyperparameters: { bptt: '8' }, status: TrialStatus.TRIAL_STATUS_RUNNING, points: [] },
    ],
  });
});

test('shows what a version was compared with, and why it is not deployed', async () => {
  const comparison = { with: versionArn('full'), before: 0.25, difference: -0.125, standardError: 0.03125 };
  const arn = await life.train('00000002', { comparison });
  await explainNotDeployed(life.database, arn, 'worse');
  await expect(progressOf(arn)).resolves.toMatchObject({
    status: TrainingStatus.TRAINING_STATUS_ACTIVE,
    percent: 100,
    ndcgAt10: 0.125,
    comparison: { ndcgAt10Before: 0.25, difference: -0.125, standardError: 0.03125 },
    notDeployedReason: 'worse',
  });
});

test.each([
  ['an unknown version', versionArn('ffffffff'), status.NOT_FOUND],
  ['what is no version', SOLUTION, status.INVALID_ARGUMENT],
])('refuses %s', async (_, arn, code) => {
  await expect(progressOf(arn)).rejects.toMatchObject({ code });
});

test('streams each change until the training ends', async () => {
  const seen: WatchTrainingResponse[] = [];
  const call = client.watchTraining({ solutionVersionArn: RUNNING });
  const ended = new Promise((resolve, reject) => call.on('end', resolve).on('error', reject));
  call.on('data', (response: WatchTrainingResponse) => seen.push(response));
  const statuses = () => seen.map(({ progress }) => progress!.status);
  await eventually(() => expect(statuses()).toEqual([TrainingStatus.TRAINING_STATUS_PENDING]));
  await beginTraining(life.database, RUNNING, 2);
  await eventually(() => expect(statuses()).toContain(TrainingStatus.TRAINING_STATUS_IN_PROGRESS));
  await updateSolutionVersionProgress(life.database, RUNNING, { fraction: 0.5 }, 3);
  await eventually(() => expect(seen.at(-1)!.progress!.percent).toBe(50));
  await stopSolutionVersion(life.database, RUNNING, 4);
  await life.database.query(`update solution_version set status = 'CREATE STOPPED' where arn = $1`, [RUNNING]);
  await ended;
  expect(statuses().at(-1)).toBe(TrainingStatus.TRAINING_STATUS_STOPPED);
});

test('a stream of an unknown version fails, and one that is cancelled ends', async () => {
  const failing = client.watchTraining({ solutionVersionArn: versionArn('ffffffff') });
  const failure = new Promise((resolve) => failing.on('error', resolve).on('data', () => undefined));
  await expect(failure).resolves.toMatchObject({ code: status.NOT_FOUND });
  const call = client.watchTraining({ solutionVersionArn: RUNNING });
  const error = new Promise((resolve) => call.on('error', resolve));
  call.once('data', () => call.cancel());
  await expect(error).resolves.toMatchObject({ code: status.CANCELLED });
});
