import { InvalidInputError } from '@attune/domain';
import type { Dataset } from './dataset';
import { GrowableColumn } from './growableColumn';
import type { History, Sequences } from './sequences';
import { userDraws } from './userDraws';

/** One question with its answer: given this history, which items came next? */
export interface EvaluationCase {
  readonly history: History;
  /** Item indices in the order in which they came; at least one. */
  readonly truth: Int32Array;
  /** Their rows in the dataset, whose user and context count. Absent for events of no dataset. */
  readonly truthRows?: Int32Array;
}

/** What is learned from, what decides when to stop, and what is measured at the end. */
export interface Split {
  readonly name: 'held-out-users' | 'leave-one-out';
  readonly training: Sequences;
  readonly validation: readonly EvaluationCase[];
  readonly test: readonly EvaluationCase[];
  /** The training sequences with the validation events. Absent: they are not to be learned before the test. */
  readonly withValidation?: Sequences;
  /** Users whose draw is up to this are the test. An update takes it over, so that they stay unseen. */
  readonly testDraw?: number;
}

/** A figure is as exact as it needs to be with 2,000 users (standard error of a hit rate: .01), and cheap to get. */
const MOST_EVALUATION_USERS = 2000;

/**
 * The API's split: 90% of the users train. For the other 10% (2,000 at most) the oldest 90% of the history is input and
 * the newest 10%, at least one event, is the truth. Validation is the last event of users that train: of all that have
 * 3 events or more, so that 2 are left to learn from, or at least of a tenth of them; again 2,000 users at most.
 *
 * Who is held out depends on the user's id and the seed, not on who else is there.
 * @param testDraw the `testDraw` of an earlier split with this seed, to hold out the same users and as many of the new
 */
export function heldOutUsers(dataset: Dataset, seed: number, testDraw?: number): Split {
  const { offsets } = dataset;
  const draws = userDraws(dataset.userIds, seed);
  const users = Int32Array.from(dataset.userIds.keys()).sort((a, b) => draws[a]! - draws[b]! || a - b);
  const lengthOf = (user: number) => offsets[user + 1]! - offsets[user]!;
  const testable = users.filter((user) => lengthOf(user) >= 2);
  const wanted = Math.min(Math.max(1, Math.round(users.length / 10)), MOST_EVALUATION_USERS);
  const highest = testDraw ?? draws[testable[Math.min(wanted, testable.length) - 1] ?? 0] ?? 0;
  const testUsers = testable.filter((user) => draws[user]! <= highest);
  const isTest = new Set(testUsers);
  const remaining = users.filter((user) => !isTest.has(user));
  const long = remaining.filter((user) => lengthOf(user) >= 3);
  const short = remaining.filter((user) => lengthOf(user) === 2);
  const validationCount = Math.min(MOST_EVALUATION_USERS, Math.max(long.length, Math.round(remaining.length / 10)));
  const isValidation = new Set([...long, ...short].slice(0, validationCount));

  const training = new SequencesBuilder();
  const validation: EvaluationCase[] = [];
  for (const user of dataset.userIds.keys()) {
    if (isTest.has(user)) continue;
    const end = offsets[user + 1]! - (isValidation.has(user) ? 1 : 0);
    if (isValidation.has(user)) validation.push(caseAt(dataset, user, end, end + 1));
    training.addRows(dataset, offsets[user]!, end);
  }
  const test = Array.from(testUsers, (user) => {
    const truthLength = Math.max(1, Math.round(lengthOf(user) / 10));
    return caseAt(dataset, user, offsets[user + 1]! - truthLength, offsets[user + 1]!);
  });
  return { name: 'held-out-users', training: training.build(), validation, test, testDraw: highest };
}

/** The items that a published split holds out of one user's history. */
export interface HeldOutItems {
  validation: string;
  test: string;
}

/**
 * The literature's split: of each user with at least 3 events the last is the test, the one before it validation, the
 * rest training; the test's history includes the validation event. Users with fewer events are left out.
 * @param heldOut by user id: takes these items out of the history as the last two, to repeat a published split
 * @throws InvalidInputError where `heldOut` lacks a user or names an item that the user never touched
 */
export function leaveOneOut(dataset: Dataset, heldOut?: ReadonlyMap<string, HeldOutItems>): Split {
  const training = new SequencesBuilder();
  const withValidation = new SequencesBuilder();
  const validation: EvaluationCase[] = [];
  const test: EvaluationCase[] = [];
  const indexOfItem = new Map(heldOut ? dataset.itemIds.map((id, index) => [id, index]) : []);
  for (const [user, userId] of dataset.userIds.entries()) {
    const start = dataset.offsets[user]!;
    let rows = Int32Array.from({ length: dataset.offsets[user + 1]! - start }, (_, index) => start + index);
    if (heldOut) rows = moveToEnd(dataset, rows, userId, heldOut.get(userId), indexOfItem);
    if (rows.length < 3) continue;
    const items = rows.map((row) => dataset.items[row]!);
    const last = items.length - 1;
    const timestamps = Float64Array.from(rows, (row) => dataset.timestamps[row]!);
    const upTo = (end: number) => ({
      items: items.subarray(0, end),
      timestamps: timestamps.subarray(0, end),
      rows: rows.subarray(0, end),
    });
    const caseOf = (end: number): EvaluationCase => ({
      history: upTo(end),
      truth: items.subarray(end, end + 1),
      truthRows: rows.subarray(end, end + 1),
    });
    training.addEvents(upTo(last - 1));
    withValidation.addEvents(upTo(last));
    validation.push(caseOf(last - 1));
    test.push(caseOf(last));
  }
  return {
    name: 'leave-one-out',
    training: training.build(),
    withValidation: withValidation.build(),
    validation,
    test,
  };
}

function caseAt(dataset: Dataset, user: number, truthStart: number, truthEnd: number): EvaluationCase {
  const { offsets, items, timestamps } = dataset;
  const start = offsets[user]!;
  return {
    history: {
      items: items.subarray(start, truthStart),
      timestamps: timestamps.subarray(start, truthStart),
      rows: rowsFrom(start, truthStart),
    },
    truth: items.subarray(truthStart, truthEnd),
    truthRows: rowsFrom(truthStart, truthEnd),
  };
}

/** The rows without any occurrence of the two held-out items, followed by one row of each. */
function moveToEnd(
  dataset: Dataset,
  rows: Int32Array<ArrayBuffer>,
  userId: string,
  held: HeldOutItems | undefined,
  indexOfItem: ReadonlyMap<string, number>,
): Int32Array<ArrayBuffer> {
  if (!held) throw new InvalidInputError(`The split names no held-out items for user "${userId}".`);
  const ends = [held.validation, held.test].map((itemId) => {
    const row = rows.findLast((candidate) => dataset.items[candidate] === indexOfItem.get(itemId));
    if (row === undefined) {
      throw new InvalidInputError(`The split holds out item "${itemId}" of user "${userId}", who never touched it.`);
    }
    return row;
  });
  const heldItems = new Set(ends.map((row) => dataset.items[row]!));
  const kept = rows.filter((row) => !heldItems.has(dataset.items[row]!));
  return Int32Array.from([...kept, ...ends]);
}

const rowsFrom = (start: number, end: number) => Int32Array.from({ length: end - start }, (_, index) => start + index);

/** Collects sequences event by event. */
export class SequencesBuilder {
  readonly #rows = new GrowableColumn(Int32Array);
  readonly #offsets = new GrowableColumn(Int32Array);
  readonly #items = new GrowableColumn(Int32Array);
  readonly #timestamps = new GrowableColumn(Float64Array);

  constructor() {
    this.#offsets.push(0);
  }

  /** Adds one sequence: rows `start` to `end - 1` of the dataset. */
  addRows({ items, timestamps }: Dataset, start: number, end: number): void {
    this.addEvents({
      items: items.subarray(start, end),
      timestamps: timestamps.subarray(start, end),
      rows: rowsFrom(start, end),
    });
  }

  /** Adds one sequence: a part of another. */
  addPart({ items, timestamps, rows }: Sequences, start: number, end: number): void {
    this.addEvents({
      items: items.subarray(start, end),
      timestamps: timestamps.subarray(start, end),
      rows: rows?.subarray(start, end) ?? rowsFrom(start, end),
    });
  }

  /** Adds one sequence. */
  addEvents({ items, timestamps, rows }: Required<Pick<History, 'items' | 'timestamps' | 'rows'>>): void {
    items.forEach((item, index) => {
      this.#items.push(item);
      this.#timestamps.push(timestamps[index]!);
      this.#rows.push(rows[index]!);
    });
    this.#offsets.push(this.#items.length);
  }

  build(): Sequences {
    return {
      offsets: this.#offsets.view(),
      items: this.#items.view(),
      timestamps: this.#timestamps.view(),
      rows: this.#rows.view(),
    };
  }
}
