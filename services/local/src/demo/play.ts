import { setTimeout as pause } from 'node:timers/promises';
import pc from 'picocolors';
import type { Terminal } from '../terminal';
import type { Click, DemoClient, ServedSlate } from './client';
import type { ItemNames } from './itemNames';
import { describeChange, slateTable } from './slateTable';

export interface PlayOptions {
  terminal: Terminal;
  client: DemoClient;
  names: ItemNames;
  user: ExampleUser;
  trackingId: string;
  sessionId: string;
}

/** The user whose session is played. */
export interface ExampleUser {
  userId: string;
  /** The latest items of the history, oldest first. */
  latestItems: readonly string[];
  historyLength: number;
  /** The kind of event the data consists of. */
  eventType: string;
}

/** The ranks that are clicked, one after the other: not the first, so that something has to move. */
const CLICKED_RANKS = [4, 3];
const SHOWN = 10;

/** A change that has not come after this time does not come. */
const GIVE_UP_MS = 5000;

/** Plays one user's session: history, a list, a click on it, the next list, and the time in between. */
export async function play({ terminal, client, names, user, trackingId, sessionId }: PlayOptions): Promise<void> {
  terminal.heading(`One session of user ${user.userId}`);
  terminal.print(`The last of ${user.historyLength} interactions:`);
  for (const itemId of user.latestItems) {
    terminal.print(`       ${names.name(itemId)} ${pc.dim(names.kind(itemId))}`);
  }
  let slate = await client.recommend(user.userId, SHOWN);
  terminal.print(`\nRecommended now ${pc.dim('(probability of being next, over the whole catalogue)')}:`);
  for (const line of slateTable(slate.items, names)) terminal.print(line);

  for (const rank of CLICKED_RANKS) {
    const clicked = slate.items[rank - 1];
    if (!clicked) break;
    terminal.print(`\n${pc.bold(`▶ User ${user.userId} picks number ${rank}: ${names.name(clicked.itemId)}`)}`);
    const change = await clickAndWatch(client, slate, {
      trackingId,
      userId: user.userId,
      sessionId,
      eventType: user.eventType,
      itemId: clicked.itemId,
      slate,
    });
    terminal.print(`  PutEvents was answered after ${pc.bold(`${change.answerMs.toFixed(1)} ms`)}.`);
    terminal.print(
      `  The list had changed ${pc.bold(pc.green(`${change.changeMs.toFixed(1)} ms`))} later: ${describeChange(slate.items, change.slate.items)}.\n`,
    );
    for (const line of slateTable(change.slate.items, names, slate.items)) terminal.print(line);
    slate = change.slate;
  }
}

interface Change {
  slate: ServedSlate;
  /** From the call to its answer. */
  answerMs: number;
  /** From PutEvents' answer to the answer that holds another list. */
  changeMs: number;
}

async function clickAndWatch(client: DemoClient, before: ServedSlate, click: Click): Promise<Change> {
  const sent = performance.now();
  await client.putClick(click);
  const answered = performance.now();
  while (performance.now() - answered < GIVE_UP_MS) {
    const slate = await client.recommend(click.userId, before.items.length);
    const changeMs = performance.now() - answered;
    if (!sameList(before, slate)) return { slate, answerMs: answered - sent, changeMs };
    await pause(1);
  }
  throw new Error(
    `The recommendations of user ${click.userId} had not changed ${GIVE_UP_MS / 1000} s after the click.`,
  );
}

function sameList(a: ServedSlate, b: ServedSlate): boolean {
  return a.items.length === b.items.length && a.items.every(({ itemId }, index) => itemId === b.items[index]?.itemId);
}
