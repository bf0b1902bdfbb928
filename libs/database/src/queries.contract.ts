import {
  type DatasetGroupName,
  datasetGroupName,
  eventId,
  type Interaction,
  itemId,
  recommendationId,
  sessionId,
  trackingId,
  userId,
} from '@attune/domain';
import { buildSlate } from '@attune/testing';
import { advanceArchivePositions, readArchivePositions } from './archivePositions';
import { createCampaign, findCampaign, listCampaigns, pointCampaign } from './campaigns';
import type { Database } from './database';
import { findNewData, markData } from './dataMark';
import { deleteImported } from './datasetCopy';
import { createDatasetGroup, findDatasetGroup, listDatasetGroups } from './datasetGroups';
import { RepeatedEventError } from './eventIds';
import { createEventTracker, findEventTracker, listEventTrackers } from './eventTrackers';
import {
  archiveInteractions,
  archiveNewInteractions,
  type ImportedInteraction,
  importInteractions,
  itemCounts,
  readHistory,
  type StreamedInteraction,
  streamInteractions,
  type TrainingInteraction,
} from './interactions';
import { deleteItems, type Item, readItems, streamItems, upsertItems } from './items';
import { migrate } from './migrate';
import { archiveSlates } from './slates';
import { createSolution, findSolution, listSolutions } from './solutions';
import {
  beginTraining,
  createSolutionVersion,
  explainNotDeployed,
  failSolutionVersion,
  findSolutionVersion,
  finishSolutionVersion,
  listSolutionVersions,
  pageOfSolutionVersions,
  settleStoppedVersion,
  stopSolutionVersion,
  updateSolutionVersionProgress,
  updateTrainingStory,
} from './solutionVersions';
import { deleteUserProfiles, readUserProfiles, upsertUserProfiles } from './userProfiles';

/**
 * What the migrations and the queries must do, on every Database.
 * @param open opens an empty database of the suite's own
 */
export function queriesContract(name: string, open: () => Promise<Database>): void {
  describe(`The queries on ${name}`, () => {
    let db: Database;
    let group: DatasetGroupName;
    let groups = 0;

    beforeAll(async () => {
      db = await open();
      await migrate(db);
    });
    beforeEach(async () => {
      group = datasetGroupName(`group-${++groups}`);
      await createDatasetGroup(db, { name: group, createdAt: groups });
    });
    afterAll(async () => {
      await db.close();
    });

    describe('migrate', () => {
      test('changes nothing when it is repeated, also by several processes at once', async () => {
        await Promise.all([migrate(db), migrate(db), migrate(db)]);
        await expect(findDatasetGroup(db, group)).resolves.toMatchObject({ name: group, createdAt: groups });
      });

      test('refuses a database that a newer version has written', async () => {
        await db.query(`insert into schema_migration (version, file) values (900000, '900000_future.sql')`);
        await expect(migrate(db)).rejects.toMatchObject({
          code: 'NotReady',
          message: expect.stringContaining('has schema version 900000'),
        });
        await db.query('delete from schema_migration where version = 900000');
        await migrate(db);
      });
    });

    describe('dataset groups and event trackers', () => {
      test('are found by name and by tracking id, and listed in order of creation', async () => {
        const trackers = ['second', 'first'].map((name, index) => ({
          trackingId: trackingId(`${group}-${name}`),
          name: `${group}-${name}`,
          datasetGroup: group,
          createdAt: 2 - index,
          updatedAt: 2 - index,
        }));
        for (const tracker of trackers) await createEventTracker(db, tracker);
        await expect(findEventTracker(db, trackingId(`${group}-first`))).resolves.toEqual(trackers[1]);
        await expect(findEventTracker(db, trackingId('unheard of'))).resolves.toBeUndefined();
        await expect(listEventTrackers(db, group)).resolves.toEqual([trackers[1], trackers[0]]);
        await expect(findDatasetGroup(db, datasetGroupName('unheard of'))).resolves.toBeUndefined();
        expect((await listDatasetGroups(db)).at(-1)).toEqual({
          name: group,
          definition: {},
          createdAt: groups,
          updatedAt: groups,
        });
      });

      test('are refused twice', async () => {
        await expect(createDatasetGroup(db, { name: group, createdAt: 2 })).rejects.toMatchObject({
          code: 'ResourceAlreadyExists',
          message: `There is a dataset group "${group}" already.`,
        });
        const tracker = { trackingId: trackingId(`t-${group}`), name: group, datasetGroup: group, createdAt: 1 };
        await createEventTracker(db, tracker);
        await expect(createEventTracker(db, { ...tracker, trackingId: trackingId('other') })).rejects.toMatchObject({
          code: 'ResourceAlreadyExists',
        });
      });
    });

    const event = (place: number, more: Partial<Interaction> = {}): StreamedInteraction => ({
      event: {
        datasetGroup: group,
        eventId: eventId(`event-${place}`),
        userId: userId('ada'),
        sessionId: sessionId('visit'),
        eventType: 'click',
        itemId: itemId(`film-${place}`),
        timestamp: 1000 + place,
        receivedAt: 5000,
        ...more,
      },
      partition: 3,
      offset: place,
    });
    const imported = (place: number, more: Partial<ImportedInteraction> = {}): ImportedInteraction => ({
      userId: userId('ada'),
      itemId: itemId(`film-${place}`),
      eventType: 'watch',
      timestamp: 1000 + place,
      ...more,
    });
    const historyOf = (key: string, limit = 100) => readHistory(db, group, userId(key), limit);

    describe('archived interactions', () => {
      test('come back whole', async () => {
        const full = event(1, {
          eventValue: 4.5,
          recommendationId: recommendationId('list-1'),
          impression: ['film-1', 'with "quotes", {braces}', 'ünï'].map(itemId),
          properties: { device: 'tv', volume: 0.5, muted: false },
        });
        await archiveInteractions(db, [full]);
        await expect(historyOf('ada')).resolves.toEqual([
          {
            eventId: 'event-1',
            eventType: 'click',
            eventValue: 4.5,
            itemId: 'film-1',
            timestamp: 1001,
            offset: 1,
            recommendationId: 'list-1',
            properties: { device: 'tv', volume: 0.5, muted: false },
          },
        ]);
        const [row] = await db.query('select * from interaction where dataset_group = $1', [group]);
        expect(row).toMatchObject({
          session_id: 'visit',
          received_ms: 5000,
          bus_partition: 3,
          bus_offset: 1,
          impression: ['film-1', 'with "quotes", {braces}', 'ünï'],
        });
      });

      test('have no members for what is absent', async () => {
        const { event: known, ...place } = event(1);
        const { userId: _, itemId: __, ...anonymous } = known;
        await archiveInteractions(db, [{ event: anonymous, ...place }]);
        await expect(historyOf('visit')).resolves.toEqual([
          { eventId: 'event-1', eventType: 'click', timestamp: 1001, offset: 1 },
        ]);
      });

      test('are stored once for each event id of a dataset group', async () => {
        await expect(archiveInteractions(db, [event(1), event(2), event(1)])).resolves.toBe(2);
        await expect(archiveInteractions(db, [event(2), event(3)])).resolves.toBe(1);
        const other = datasetGroupName(`${group}-other`);
        await expect(archiveInteractions(db, [event(3, { datasetGroup: other })])).resolves.toBe(1);
        await expect(archiveInteractions(db, [])).resolves.toBe(0);
        expect(await historyOf('ada')).toHaveLength(3);
      });

      test('are stored where all are new, or else none of them', async () => {
        const store = (...events: StreamedInteraction[]) =>
          db.transaction((transaction) => archiveNewInteractions(transaction, events));
        await expect(store(event(1), event(2), event(1, { eventType: 'later' }))).resolves.toBe(2);
        await expect(store(event(3), event(2), event(4))).rejects.toThrow(RepeatedEventError);
        const other = datasetGroupName(`${group}-other`);
        await expect(store(event(3), event(2, { datasetGroup: other }))).resolves.toBe(2);
        const history = await historyOf('ada');
        expect(history.map(({ eventId, eventType }) => [eventId, eventType])).toEqual(
          ['event-1', 'event-2', 'event-3'].map((id) => [id, 'click']),
        );
      });

      test('are stored once by transactions at the same time', async () => {
        const places = Array.from({ length: 200 }, (_, place) => place);
        const store = async (order: readonly number[]) => {
          try {
            return await db.transaction((transaction) =>
              archiveNewInteractions(
                transaction,
                order.map((place) => event(place)),
              ),
            );
          } catch (error) {
            if (!(error instanceof RepeatedEventError)) throw error;
            return 0;
          }
        };
        const stored = await Promise.all([store(places), store(places.toReversed()), store(places.slice(50))]);
        expect(stored.filter((count) => count > 0)).toHaveLength(1);
        const known = stored.find((count) => count > 0)!;
        await expect(
          archiveInteractions(
            db,
            places.map((place) => event(place)),
          ),
        ).resolves.toBe(200 - known);
        expect(await historyOf('ada', 1000)).toHaveLength(200);
      });

      test('are stored with the positions, or not at all', async () => {
        const topic = `interactions of ${group}`;
        const archive = (fails: boolean) =>
          db.transaction(async (transaction) => {
            await archiveInteractions(transaction, [event(1)]);
            await advanceArchivePositions(transaction, topic, new Map([[3, 2]]));
            if (fails) throw new Error('crash');
          });
        await expect(archive(true)).rejects.toThrow('crash');
        expect([await historyOf('ada'), await readArchivePositions(db, topic)]).toEqual([[], new Map()]);
        await archive(false);
        expect(await historyOf('ada')).toHaveLength(1);
        expect(await readArchivePositions(db, topic)).toEqual(new Map([[3, 2]]));
      });
    });

    test('archive positions go forward only', async () => {
      const topic = `forward in ${group}`;
      await advanceArchivePositions(
        db,
        topic,
        new Map([
          [0, 5],
          [1, 7],
        ]),
      );
      await advanceArchivePositions(
        db,
        topic,
        new Map([
          [0, 4],
          [1, 2 ** 40],
          [2, 1],
        ]),
      );
      await expect(readArchivePositions(db, topic)).resolves.toEqual(
        new Map([
          [0, 5],
          [1, 2 ** 40],
          [2, 1],
        ]),
      );
    });

    describe('histories', () => {
      test('are the latest interactions, oldest first, ties in the order of storing', async () => {
        const late = [
          imported(9),
          imported(1),
          imported(5, { itemId: itemId('a') }),
          imported(5, { itemId: itemId('b') }),
        ];
        await importInteractions(db, group, late);
        await importInteractions(db, group, [imported(5, { itemId: itemId('c') })]);
        const items = async (limit: number) => (await historyOf('ada', limit)).map((each) => each.itemId);
        await expect(items(100)).resolves.toEqual(['film-1', 'a', 'b', 'c', 'film-9']);
        await expect(items(3)).resolves.toEqual(['b', 'c', 'film-9']);
      });

      test('belong to one user of one dataset group', async () => {
        await importInteractions(db, group, [imported(1), imported(2, { userId: userId('bob') })]);
        await importInteractions(db, datasetGroupName(`${group}-other`), [imported(3)]);
        expect((await historyOf('ada')).map((each) => each.itemId)).toEqual(['film-1']);
        expect(await historyOf('nobody')).toEqual([]);
      });
    });

    describe('imported interactions', () => {
      test('are many in little time, and keep their order', async () => {
        const started = performance.now();
        const many = Array.from({ length: 100_000 }, (_, place) =>
          imported(0, {
            userId: userId(`user-${place % 1000}`),
            itemId: itemId(`film-${place}`),
            eventValue: place % 5,
          }),
        );
        await importInteractions(db, group, many);
        // Some 1.3 s on an idle machine.
        expect(performance.now() - started).toBeLessThan(15_000);
        const history = await historyOf('user-7');
        expect(history.map((each) => each.itemId)).toEqual(
          Array.from({ length: 100 }, (_, n) => `film-${n * 1000 + 7}`),
        );
      });

      test('are deleted without those that streamed in', async () => {
        await importInteractions(db, group, [imported(1)]);
        await archiveInteractions(db, [event(2)]);
        await deleteImported(db, 'interactions', group);
        expect((await historyOf('ada')).map((each) => each.itemId)).toEqual(['film-2']);
      });
    });

    test('item counts add up interactions, decayed popularity and reported impressions', async () => {
      const nothing = { interactions: 0, popularity: 0, impressions: 0, impressionWeight: 0, clickWeight: 0 };
      await importInteractions(db, group, [
        imported(0, { itemId: itemId('a'), timestamp: 1000 }),
        imported(0, { itemId: itemId('a'), timestamp: 1100, impression: ['a', 'seen'].map(itemId) }),
        imported(0, { itemId: itemId('b'), timestamp: 900 }),
      ]);
      const shown = ['a', 'c'].map(itemId);
      await archiveInteractions(db, [
        event(1, { itemId: itemId('a'), timestamp: 1200, impression: shown }),
        event(2, { itemId: itemId('a'), timestamp: 1200, impression: shown, eventType: 'watch' }),
      ]);
      await expect(itemCounts(db, group, { landmark: 1000, halfLife: 100 })).resolves.toEqual([
        {
          itemId: 'a',
          interactions: 4,
          popularity: 1 + 2 + 4 + 4,
          // Two lists, of which one was reported twice.
          impressions: 2,
          impressionWeight: 2 + 4,
          clickWeight: 2 + 4,
          firstInteraction: 1000,
          lastInteraction: 1200,
        },
        { ...nothing, itemId: 'b', interactions: 1, popularity: 0.5, firstInteraction: 900, lastInteraction: 900 },
        { ...nothing, itemId: 'c', impressions: 1, impressionWeight: 4 },
        { ...nothing, itemId: 'seen', impressions: 1, impressionWeight: 2 },
      ]);
    });

    test('item counts take the items of a reported list from the slate log, unless events list them', async () => {
      const slots = ['film-1', 'b'].map((item) => ({ itemId: itemId(item), score: 0, propensity: 1, explored: false }));
      const id = (name: string) => recommendationId(`${group}-${name}`);
      for (const name of ['named', 'listed', 'silent']) {
        await archiveSlates(db, [buildSlate({ datasetGroup: group, recommendationId: id(name), slots })]);
      }
      const answer = (n: number, name: string, more: Partial<Interaction> = {}) =>
        event(n, { recommendationId: id(name), itemId: itemId('film-1'), timestamp: 1000, ...more });
      await archiveInteractions(db, [
        answer(1, 'named'),
        answer(2, 'named', { itemId: itemId('x') }),
        answer(3, 'listed'),
        answer(4, 'listed', { impression: [itemId('c')] }),
        answer(5, 'unknown'),
      ]);
      const counts = await itemCounts(db, group, { landmark: 1000, halfLife: 100 });
      expect(
        counts.map(({ itemId: item, impressions, impressionWeight, clickWeight }) => [
          item,
          impressions,
          impressionWeight,
          clickWeight,
        ]),
      ).toEqual([
        ['b', 1, 1, 0],
        ['c', 1, 1, 0],
        ['film-1', 1, 1, 1],
        ['x', 0, 0, 0],
      ]);
    });

    test('training reads all interactions with items, in order of time, ties in the order of storing', async () => {
      const { event: aboutItem, ...place } = event(7);
      const { itemId: _, ...withoutItem } = aboutItem;
      await importInteractions(db, group, [imported(5), imported(3, { eventValue: 2 }), imported(4)]);
      await archiveInteractions(db, [event(4, { itemId: itemId('tie') }), { event: withoutItem, ...place }]);
      const batches: TrainingInteraction[][] = [];
      for await (const batch of streamInteractions(db, group, 3)) batches.push(batch);
      expect(batches.map((batch) => batch.map((each) => each.itemId))).toEqual([
        ['film-3', 'film-4', 'tie'],
        ['film-5'],
      ]);
      expect(batches[0]![0]).toEqual({
        historyKey: 'ada',
        itemId: 'film-3',
        eventType: 'watch',
        eventValue: 2,
        timestamp: 1003,
      });
    });

    describe('items and user profiles', () => {
      const item = (id: string, title: string, createdAt?: number): Item => ({
        itemId: itemId(id),
        metadata: { TITLE: title, GENRES: 'drama|war' },
        ...(createdAt !== undefined && { createdAt }),
      });

      test('are replaced by the latest with their id', async () => {
        await upsertItems(db, group, [item('a', 'old', 5), item('b', 'other'), item('a', 'new')]);
        await upsertItems(db, group, [item('b', 'newest', 7)]);
        await expect(readItems(db, group, ['b', 'unheard of', 'a'].map(itemId))).resolves.toEqual([
          item('a', 'new'),
          item('b', 'newest', 7),
        ]);
        const profile = (age: string) => ({ userId: userId('ada'), metadata: { AGE: age } });
        await upsertUserProfiles(db, group, [profile('35'), profile('36')]);
        await expect(readUserProfiles(db, group, ['ada', 'bob'].map(userId))).resolves.toEqual([profile('36')]);
      });

      test('belong to one dataset group, and go with it alone', async () => {
        const other = datasetGroupName(`${group}-other`);
        await createDatasetGroup(db, { name: other, createdAt: 1 });
        for (const each of [group, other]) {
          await upsertItems(db, each, [item('a', 'title')]);
          await upsertUserProfiles(db, each, [{ userId: userId('ada'), metadata: {} }]);
        }
        await deleteItems(db, group);
        await deleteUserProfiles(db, group);
        const held = async (each: DatasetGroupName) => [
          (await readItems(db, each, [itemId('a')])).length,
          (await readUserProfiles(db, each, [userId('ada')])).length,
        ];
        expect([await held(group), await held(other)]).toEqual([
          [0, 0],
          [1, 1],
        ]);
      });

      test('stream as a whole catalogue', async () => {
        const items = ['a', 'b', 'c'].map((id) => item(id, `title of ${id}`));
        await upsertItems(db, group, items);
        const read: Item[] = [];
        for await (const batch of streamItems(db, group, 2)) read.push(...batch);
        expect(read).toEqual(items);
      });
    });

    describe('solutions, versions and campaigns', () => {
      const solution = (name = 'films') => ({
        arn: `arn:solution/${group}/${name}`,
        name: `${group}-${name}`,
        datasetGroup: group,
        recipeArn: 'arn:recipe',
        definition: { solutionConfig: { algorithmHyperParameters: { bptt: '32' } } },
        createdAt: 1,
      });
      type NewVersion = Parameters<typeof createSolutionVersion>[1];
      const queueVersion = async (name: string, createdAt: number, more: Partial<NewVersion> = {}) => {
        const arn = `${solution().arn}/${name}`;
        await createSolutionVersion(db, { arn, solutionArn: solution().arn, datasetGroup: group, createdAt, ...more });
        return arn;
      };
      const result = {
        artifactUri: 's3://attune/models/1',
        metrics: { coverage: 0.5 },
        story: { curve: [{ epoch: 1 }] },
        dataMark: { interaction: 7, items: 3 },
        trainingSeconds: 36,
      };
      beforeEach(async () => {
        await db.query('delete from campaign');
        await db.query('delete from solution_version');
        await createSolution(db, solution());
      });

      test('solutions come back whole, and are refused twice', async () => {
        await expect(findSolution(db, solution().arn)).resolves.toEqual({ ...solution(), updatedAt: 1 });
        await expect(findSolution(db, 'unheard of')).resolves.toBeUndefined();
        await expect(listSolutions(db, group)).resolves.toEqual([{ ...solution(), updatedAt: 1 }]);
        await expect(createSolution(db, solution())).rejects.toMatchObject({ code: 'ResourceAlreadyExists' });
      });

      test('a version goes from pending to active with its artifact and metrics', async () => {
        const definition = { performHPO: false };
        const arn = await queueVersion('1', 10, { name: 'first', definition });
        const created = {
          arn,
          name: 'first',
          solutionArn: solution().arn,
          datasetGroup: group,
          trainingMode: 'FULL',
          trainingType: 'MANUAL',
          fullArn: arn,
          definition,
          createdAt: 10,
        };
        const pending = { ...created, status: 'CREATE PENDING', updatedAt: 10 };
        await expect(findSolutionVersion(db, arn)).resolves.toEqual(pending);
        const begun = { ...created, status: 'CREATE IN_PROGRESS', updatedAt: 20 };
        await expect(beginTraining(db, arn, 20)).resolves.toEqual(begun);
        await expect(updateSolutionVersionProgress(db, arn, { epoch: 1 }, 30)).resolves.toBe(true);
        await expect(updateTrainingStory(db, arn, { curve: [] }, 35)).resolves.toBe(true);
        await expect(findSolutionVersion(db, arn)).resolves.toMatchObject({ story: { curve: [] }, updatedAt: 35 });
        await expect(finishSolutionVersion(db, arn, result, 40)).resolves.toBe(true);
        const finished = { ...created, ...result, status: 'ACTIVE', progress: { epoch: 1 }, updatedAt: 40 };
        await expect(findSolutionVersion(db, arn)).resolves.toEqual(finished);
        await explainNotDeployed(db, arn, 'clearly worse');
        await expect(findSolutionVersion(db, arn)).resolves.toEqual({
          ...finished,
          notDeployedReason: 'clearly worse',
        });
      });

      test('an update names its base and the full training of its line', async () => {
        const fullArn = await queueVersion('full', 1);
        const first = await queueVersion('first', 2, { base: { arn: fullArn, fullArn } });
        const second = await queueVersion('second', 3, { base: { arn: first, fullArn } });
        const update = { trainingMode: 'UPDATE', baseArn: first, fullArn };
        await expect(findSolutionVersion(db, second)).resolves.toMatchObject(update);
      });

      test('of two automatic trainings of a solution at a time one is refused', async () => {
        const first = await queueVersion('1', 1, { trainingType: 'AUTOMATIC' });
        const again = queueVersion('2', 2, { trainingType: 'AUTOMATIC' });
        await expect(again).rejects.toMatchObject({ code: 'ResourceAlreadyExists' });
        await failSolutionVersion(db, first, 'no memory', 3);
        await queueVersion('3', 4, { trainingType: 'AUTOMATIC' });
      });

      test('a version that failed says why', async () => {
        const arn = await queueVersion('1', 10);
        await beginTraining(db, arn, 20);
        await expect(failSolutionVersion(db, arn, 'too few interactions', 30)).resolves.toBe(true);
        await expect(findSolutionVersion(db, arn)).resolves.toMatchObject({
          status: 'CREATE FAILED',
          failureReason: 'too few interactions',
          updatedAt: 30,
        });
      });

      test('a version that has ended does not change any more', async () => {
        const arn = await queueVersion('1', 10);
        await expect(finishSolutionVersion(db, arn, result, 20)).resolves.toBe(false);
        await beginTraining(db, arn, 20);
        await failSolutionVersion(db, arn, 'stopped', 30);
        await expect(finishSolutionVersion(db, arn, result, 40)).resolves.toBe(false);
        await expect(updateSolutionVersionProgress(db, arn, {}, 40)).resolves.toBe(false);
        await expect(updateTrainingStory(db, arn, {}, 40)).resolves.toBe(false);
        await expect(beginTraining(db, arn, 40)).resolves.toBeUndefined();
        await expect(stopSolutionVersion(db, arn, 40)).resolves.toBe(false);
        await expect(findSolutionVersion(db, arn)).resolves.toMatchObject({ status: 'CREATE FAILED', updatedAt: 30 });
      });

      test('a training that waits stops at once, one in progress by its trainer', async () => {
        const status = async (arn: string) => (await findSolutionVersion(db, arn))?.status;
        const waiting = await queueVersion('waiting', 1);
        await expect(stopSolutionVersion(db, waiting, 2)).resolves.toBe(true);
        expect(await status(waiting)).toBe('CREATE STOPPED');
        const running = await queueVersion('running', 1);
        await beginTraining(db, running, 2);
        await expect(stopSolutionVersion(db, running, 3)).resolves.toBe(true);
        expect(await status(running)).toBe('CREATE STOPPING');
        await expect(finishSolutionVersion(db, running, result, 4)).resolves.toBe(false);
        await expect(settleStoppedVersion(db, running, 5)).resolves.toBe(true);
        expect(await status(running)).toBe('CREATE STOPPED');
        await expect(settleStoppedVersion(db, running, 6)).resolves.toBe(false);
      });

      test('a training that was in progress begins anew, without its progress', async () => {
        const arn = await queueVersion('1', 1);
        await beginTraining(db, arn, 2);
        await updateSolutionVersionProgress(db, arn, { epoch: 3 }, 3);
        const again = await beginTraining(db, arn, 4);
        expect(again).toMatchObject({ arn, status: 'CREATE IN_PROGRESS' });
        expect(again).not.toHaveProperty('progress');
      });

      test('versions are listed latest first, and paged in order of their creation', async () => {
        for (const [name, createdAt] of Object.entries({ c: 3, a: 1, b: 2 })) await queueVersion(name, createdAt);
        const times = (versions: readonly { createdAt: number }[]) => versions.map(({ createdAt }) => createdAt);
        expect(times(await listSolutionVersions(db, solution().arn))).toEqual([3, 2, 1]);
        const page = { limit: 2, after: { createdAt: 1, id: `${solution().arn}/a` } };
        expect(times(await pageOfSolutionVersions(db, solution().arn, page))).toEqual([2, 3]);
      });

      test('new data is what came after the mark', async () => {
        const mark = await markData(db, group);
        await expect(findNewData(db, group, mark)).resolves.toEqual({ interactions: false, items: false });
        const interaction = { userId: userId('u'), itemId: itemId('i'), timestamp: 1, eventType: 'watch' };
        await importInteractions(db, group, [interaction]);
        await expect(findNewData(db, group, mark)).resolves.toEqual({ interactions: true, items: false });
        await expect(findNewData(db, datasetGroupName('another'), mark)).resolves.toMatchObject({
          interactions: false,
        });
        await upsertItems(db, group, [{ itemId: itemId('new'), metadata: {} }]);
        await expect(findNewData(db, group, mark)).resolves.toEqual({ interactions: true, items: true });
      });

      test('campaigns point to versions', async () => {
        const campaign = {
          arn: `arn:campaign/${group}`,
          name: group,
          datasetGroup: group,
          solutionArn: solution().arn,
          settings: { seenItems: 'exclude' },
          config: { itemExplorationConfig: { explorationWeight: '0.3' } },
          minProvisionedTps: 3,
          followsLatest: false,
          createdAt: 10,
        };
        await createCampaign(db, campaign);
        await expect(findCampaign(db, campaign.arn)).resolves.toEqual({ ...campaign, updatedAt: 10 });
        await expect(createCampaign(db, campaign)).rejects.toMatchObject({ code: 'ResourceAlreadyExists' });
        const version = await queueVersion('1', 20);
        await pointCampaign(db, campaign.arn, version, 30);
        const pointed = { ...campaign, solutionVersionArn: version, updatedAt: 30 };
        await expect(listCampaigns(db)).resolves.toEqual([pointed]);
        await expect(listCampaigns(db, group)).resolves.toEqual([pointed]);
        await expect(listCampaigns(db, datasetGroupName('other'))).resolves.toEqual([]);
        await expect(pointCampaign(db, 'unheard of', version, 30)).rejects.toMatchObject({ code: 'ResourceNotFound' });
      });
    });
  });
}
