import { setImmediate as breathe } from 'node:timers/promises';
import { type AnsweredSlate, type Database, type SlateSelection, streamAnsweredSlates } from '@attune/database';
import type { Slate } from '@attune/domain';
import {
  CrossFittedClicks,
  clusterOf,
  evaluateLog,
  type LoggedPolicy,
  LoggedPolicySums,
  loggedMarginals,
  type ModelScores,
  rewardsOf,
  type ShownList,
  SLATE_RULE,
  type TargetPolicy,
  type WeighedList,
  weighList,
} from '@attune/exploration';
import type { ExplorationReport, LoggedSettings, PolicyReport } from '@attune/proto';
import type { PolicyQuestion, Questions } from './explorationQuestions';
import { reportLogged, reportResult } from './explorationReport';

/** More lists than this are not held in memory: the report rests on the first so many. */
const MOST_LISTS = 200_000;

/** Lists that are weighed before the event loop has its turn: some 20 ms. */
const LISTS_AT_A_TIME = 20;

const RESAMPLES = 1000;

/**
 * Answers questions about a log: reads it once for what its lists earned and for the click models, and a second time to weigh the
 * lists by each policy in question.
 */
export async function evaluateExploration(database: Database, questions: Questions): Promise<ExplorationReport> {
  const { campaignArn, from, to, eventTypes, policies } = questions;
  const log = () => readLog(database, { campaignArn, from, to, ...(eventTypes.length > 0 && { eventTypes }) });
  const survey = await surveyLog(log());
  const logged = survey.sums.result();
  const judged = policies.map((question) => new JudgedPolicy(question));
  const models = new CrossFittedClicks(survey.shown);
  let lists = 0;
  for await (const list of log()) {
    if (lists++ % LISTS_AT_A_TIME === 0) await breathe();
    const marginals = loggedMarginals(list.slate);
    for (const policy of judged) await policy.weigh(list, marginals, models);
  }
  return {
    campaignArn,
    from: new Date(from),
    to: new Date(to),
    eventTypes: [...eventTypes],
    logged: { ...reportLogged(logged), settings: survey.settings() },
    policies: judged.map((policy) => policy.report()),
    notes: [...notesOf(survey, logged), ...judged.flatMap((policy) => policy.notes())],
  };
}

/** The lists of a log that can be replayed. */
async function* readLog(database: Database, selection: SlateSelection): AsyncGenerator<AnsweredSlate> {
  let lists = 0;
  for await (const batch of streamAnsweredSlates(database, selection, 200)) {
    for (const list of batch) {
      if (list.slate.policy.version !== SLATE_RULE || list.slate.slots.length === 0) continue;
      if (++lists > MOST_LISTS) return;
      yield list;
    }
  }
}

/** What a first reading of the log gathers. */
class Survey {
  readonly sums = new LoggedPolicySums();
  readonly shown: (ShownList & { cluster: string })[] = [];
  cutPools = 0;
  degraded = 0;
  private readonly bySettings = new Map<string, LoggedSettings>();

  add(list: AnsweredSlate): void {
    const { slate, events } = list;
    this.sums.add(list, events > 0);
    const items = slate.slots.map(({ itemId }) => itemId);
    this.shown.push({ cluster: clusterOf(slate), items, rewards: rewardsOf(list) });
    if (slate.poolEligible > slate.pool.length) this.cutPools++;
    if (slate.degraded) this.degraded++;
    const { explorationWeight, explorationItemAgeCutOff } = slate.policy;
    const { solutionVersionArn } = slate;
    const settings = { explorationWeight, explorationItemAgeCutOff, solutionVersionArn };
    const key = JSON.stringify(settings);
    const counted = this.bySettings.get(key) ?? { ...settings, lists: 0 };
    counted.lists++;
    this.bySettings.set(key, counted);
  }

  settings(): LoggedSettings[] {
    return [...this.bySettings.values()].sort((one, other) => other.lists - one.lists);
  }
}

async function surveyLog(log: AsyncIterable<AnsweredSlate>): Promise<Survey> {
  const survey = new Survey();
  for await (const list of log) survey.add(list);
  return survey;
}

function notesOf({ cutPools, degraded, shown }: Survey, { lists, answered }: LoggedPolicy): string[] {
  const share = (count: number) => `${((100 * count) / lists).toFixed(1)}%`;
  const notes: string[] = [];
  if (lists === 0) return ['The log has no list of this campaign in this span of time that this version can replay.'];
  if (shown.length === MOST_LISTS) notes.push(`The span has more lists: the report rests on the first ${MOST_LISTS}.`);
  if (lists > 0 && answered === 0) notes.push('No event names a list. Events must carry the recommendationId.');
  if (cutPools > 0) {
    notes.push(
      `${share(cutPools)} of the lists had more items to explore than their pool took. A smaller cut-off is then judged with ` +
        'the pool that was left of the larger one, which holds fewer items than it would have drawn.',
    );
  }
  if (degraded > 0) notes.push(`${share(degraded)} of the lists were served while a store was away.`);
  return notes;
}

/** Gathers what the log says of one policy. */
class JudgedPolicy {
  private readonly lists: WeighedList[] = [];
  private readonly leftOut = new Map<string, number>();
  private readonly ownLists = { ranked: 0, same: 0 };

  constructor(private readonly question: PolicyQuestion) {}

  async weigh(list: AnsweredSlate, marginals: readonly number[], models: CrossFittedClicks): Promise<void> {
    const { slate } = list;
    const reason = whyNot(slate, this.question.target);
    if (reason !== undefined) {
      this.leftOut.set(reason, (this.leftOut.get(reason) ?? 0) + 1);
      return;
    }
    const model = await this.scoresFor(slate);
    const target: TargetPolicy = { ...this.question.target, ...(model && { model }) };
    this.lists.push(weighList(list, target, models.for(clusterOf(slate)), marginals));
  }

  /** A list that the model itself had ranked is taken as it was; ranked again, it tells how close that comes. */
  private async scoresFor(slate: Slate): Promise<ModelScores | undefined> {
    const { model, named } = this.question;
    if (model === undefined) return undefined;
    const ranked = await model.rank(slate);
    if (slate.solutionVersionArn !== named.solutionVersionArn) return ranked;
    this.ownLists.ranked++;
    if (ranked.relevant.every(({ itemId }, rank) => itemId === slate.relevant[rank]?.itemId)) this.ownLists.same++;
    return undefined;
  }

  report(): PolicyReport {
    const { named } = this.question;
    const leftOut = [...this.leftOut.values()].reduce((sum, count) => sum + count, 0);
    const only = this.lists.length === 0 ? [...this.leftOut.keys()].join(' ') : '';
    const evaluation = evaluateLog(this.lists, { resamples: RESAMPLES });
    return {
      ...named,
      lists: evaluation.lists,
      users: evaluation.users,
      leftOut,
      refusal: only || (evaluation.refusal ?? ''),
      estimators: evaluation.results.map(reportResult),
    };
  }

  notes(): string[] {
    const { named, model } = this.question;
    const notes =
      this.lists.length === 0
        ? []
        : [...this.leftOut].map(([reason, count]) => `${named.name}: ${count} lists left out. ${reason}`);
    if (model === undefined) return notes;
    const { ranked, same } = this.ownLists;
    const check =
      ranked > 0
        ? ` Of its own ${ranked} lists, ${((100 * same) / ranked).toFixed(0)}% were ranked again as served.`
        : '';
    return [
      ...notes,
      `${named.name}: ranked again from the archived events before each list, without filters, the request's context, what is known of the user and the ` +
        `campaign's settings.${check}`,
    ];
  }
}

/** Why a list can say nothing of a policy, from their settings alone. */
function whyNot({ policy }: Slate, target: PolicyQuestion['target']): string | undefined {
  if (policy.explorationWeight === 0 && (target.explorationWeight ?? 0) > 0) {
    return 'They were served with explorationWeight 0: nothing was left to chance, so they can not tell what exploring earns.';
  }
  const { explorationItemAgeCutOff: cutOff = 0 } = target;
  if (cutOff > policy.explorationItemAgeCutOff) {
    return `They were served with explorationItemAgeCutOff ${policy.explorationItemAgeCutOff}: older items had no chance.`;
  }
  return undefined;
}
