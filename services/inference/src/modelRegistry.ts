import { type Bus, type Subscription, topics } from '@attune/bus';
import { type Campaign, type Database, findSolutionVersion, listCampaigns } from '@attune/database';
import {
  type ArnScope,
  type Caller,
  type DatasetGroupName,
  NotReadyError,
  ResourceNotFoundError,
  requireArn,
  requireDatasetGroup,
} from '@attune/domain';
import type { ObjectStore } from '@attune/objectstore';
import type { Health, Logger } from '@attune/service';
import { campaignSettings } from './campaignSettings';
import { type ExplorationSettings, explorationSettings } from './explorationSettings';
import type { InferenceMetrics } from './inferenceMetrics';
import type { ItemCatalog } from './itemCatalog';
import { LaterItems } from './laterItems';
import { loadModel, type ServedModel } from './loadModel';
import { Ranker } from './ranker';
import { rankingTilt } from './rankingTilt';

/** A campaign with the model that ranks for it now. */
export interface ServedCampaign {
  arn: string;
  datasetGroup: DatasetGroupName;
  solutionVersionArn: string;
  ranker: Ranker;
  /** How it explores. Another object where it was changed; the model and its users' states stay. */
  exploration: ExplorationSettings;
}

export interface ModelRegistryParts {
  bus: Bus;
  database: Database;
  objects: ObjectStore;
  catalog: Pick<ItemCatalog, 'createdAt' | 'revision' | 'itemsBeyond'>;
  /** Where the campaigns live. */
  scope: ArnScope;
  /** Milliseconds since the epoch. */
  now: () => number;
  logger: Logger;
  metrics: Pick<InferenceMetrics, 'model' | 'brokenModel'>;
  /**
   * How often the campaigns are read again, in milliseconds. Notices on the bus make a change quicker; this makes sure.
   * @default 1000
   */
  refreshIntervalMs?: number;
  /** Items up to which all are scored for each list; see `ServingOptions`. */
  mostExactItems?: number;
}

type Served = ServedCampaign & { settings: string; explorationText: string };

/** Whether two servings are of the same model with the same settings. */
function isSame(a: Pick<Served, 'solutionVersionArn' | 'settings'>, b: typeof a): boolean {
  return a.solutionVersionArn === b.solutionVersionArn && a.settings === b.settings;
}

/** A broken artifact may be mended in place, or the object store may come back. */
const RETRY_BROKEN_MS = 60_000;

/**
 * Knows for each campaign the model that serves it, and keeps to what the database says. A new model is loaded and
 * checked, and gets to know the users, while the old one serves; then one assignment switches. Where it is broken, the old
 * one goes on.
 */
export class ModelRegistry {
  private readonly campaigns = new Map<string, Campaign>();
  private readonly served = new Map<string, Served>();
  /** Campaigns whose next model gets to know the users. */
  private readonly switches = new Map<string, { next: Served; cancel: AbortController; done: Promise<void> }>();
  private readonly models = new Map<string, ServedModel>();
  private readonly laterItems: LaterItems;
  /** Solution versions that could not be loaded: when to try again. */
  private readonly broken = new Map<string, number>();
  private refreshing: Promise<void> = Promise.resolve();
  private nextRefresh: Promise<void> | undefined;
  private subscription: Subscription | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: ModelRegistryParts) {
    this.laterItems = new LaterItems(parts);
  }

  /** Loads what the campaigns serve, then follows their changes. */
  async start(): Promise<void> {
    const { bus, logger, refreshIntervalMs = 1_000 } = this.parts;
    this.subscription = await bus.follow(topics.models, {
      from: 'end',
      onBatch: async ({ messages }) => {
        for (const { value } of messages) this.broken.delete(value.solutionVersionArn);
        await this.refresh();
      },
    });
    await this.refresh();
    this.timer = setInterval(() => {
      this.refresh().catch((error: unknown) => logger.error({ err: error }, 'campaigns could not be read'));
    }, refreshIntervalMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.subscription?.stop();
    await (this.nextRefresh ?? this.refreshing).catch(() => undefined);
    const switches = [...this.switches.values()];
    for (const { next } of switches) this.cancelSwitch(next.arn);
    await Promise.all(switches.map(({ done }) => done));
    await Promise.all([...this.models.values()].map((model) => model.close()));
  }

  /**
   * The campaign as it serves now. One that is not known yet, or has no model yet, is looked up first.
   * @throws InvalidInputError where the ARN can be none of a campaign here
   * @throws ResourceNotFoundError where there is no such campaign
   * @throws NotReadyError where it has no model
   * @throws AccessDeniedError, before the last two, where the caller may not use its dataset group
   */
  async campaign(arn: string, caller: Caller): Promise<ServedCampaign> {
    const known = this.served.get(arn);
    if (known) {
      requireDatasetGroup(caller, known.datasetGroup);
      return known;
    }
    requireArn(this.parts.scope, 'campaign', arn);
    await this.refresh();
    const campaign = this.campaigns.get(arn);
    requireDatasetGroup(caller, campaign?.datasetGroup);
    const found = this.served.get(arn);
    if (found) return found;
    if (!campaign) throw new ResourceNotFoundError(`There is no campaign ${arn}.`);
    throw new NotReadyError(
      campaign.solutionVersionArn === undefined
        ? `Campaign ${arn} is not active: the first solution version of ${campaign.solutionArn} is not trained yet.`
        : `Campaign ${arn} is not active: its model ${campaign.solutionVersionArn} could not be loaded. The server log says why.`,
    );
  }

  health(): Health {
    const missing = [...this.campaigns.values()]
      .filter(({ arn, solutionVersionArn }) => solutionVersionArn !== undefined && !this.served.has(arn))
      .map(
        ({ arn, solutionVersionArn }) => `Campaign ${arn} can't serve ${solutionVersionArn}: it could not be loaded.`,
      );
    const campaigns = [...this.served.values()].map(({ arn, solutionVersionArn }) => [arn, solutionVersionArn]);
    return { missing, details: { campaigns: Object.fromEntries(campaigns) } };
  }

  /** Reads the campaigns again. Calls that come before a reading has begun share it. */
  private refresh(): Promise<void> {
    this.nextRefresh ??= this.refreshing
      .catch(() => undefined)
      .then(() => {
        this.refreshing = this.nextRefresh!;
        this.nextRefresh = undefined;
        return this.reconcile();
      });
    return this.nextRefresh;
  }

  private async reconcile(): Promise<void> {
    const campaigns = await listCampaigns(this.parts.database);
    const arns = new Set(campaigns.map(({ arn }) => arn));
    for (const { arn } of this.campaigns.values()) if (!arns.has(arn)) this.forget(arn);
    for (const campaign of campaigns) {
      this.campaigns.set(campaign.arn, campaign);
      await this.bringUpToDate(campaign);
    }
    const serving = [...this.served.values(), ...[...this.switches.values()].map(({ next }) => next)];
    await this.laterItems.closeReplaced(new Set(serving.map(({ ranker }) => ranker.scorer)));
    const inUse = new Set([...this.served.values()].map(({ solutionVersionArn }) => solutionVersionArn));
    for (const { next } of this.switches.values()) inUse.add(next.solutionVersionArn);
    for (const [arn, model] of this.models) {
      if (inUse.has(arn)) continue;
      this.models.delete(arn);
      await model.close();
    }
  }

  private async bringUpToDate(campaign: Campaign): Promise<void> {
    const { arn, datasetGroup, solutionVersionArn } = campaign;
    if (solutionVersionArn === undefined) return;
    const loaded = this.models.get(solutionVersionArn);
    const upToDate = loaded && this.laterItems.addTo(loaded);
    if (upToDate) this.models.set(solutionVersionArn, upToDate);
    const { itemExplorationConfig, ...rankingConfig } = campaign.config;
    const settings = JSON.stringify([campaign.settings, rankingConfig, upToDate?.generation ?? 0]);
    const current = this.served.get(arn);
    const exploration = this.explorationOf(arn, JSON.stringify(itemExplorationConfig ?? {}), current);
    const next = { arn, datasetGroup, solutionVersionArn, settings, ...exploration };
    if (current) Object.assign(current, exploration);
    if (current && isSame(current, next)) {
      this.cancelSwitch(arn);
      return;
    }
    const switching = this.switches.get(arn);
    if (switching && isSame(switching.next, next)) {
      Object.assign(switching.next, exploration);
      return;
    }
    if (this.parts.now() < (this.broken.get(solutionVersionArn) ?? 0)) return;
    try {
      const model = await this.model(solutionVersionArn);
      const ranker = this.rankerOf(model, campaign);
      this.beginSwitch({ ...next, ranker }, model.ready);
      this.broken.delete(solutionVersionArn);
    } catch (error) {
      const { logger, metrics } = this.parts;
      this.broken.set(solutionVersionArn, this.parts.now() + RETRY_BROKEN_MS);
      metrics.brokenModel.set({ campaign: arn }, 1);
      logger.error(
        { err: error, campaign: arn, solutionVersionArn, serving: current?.solutionVersionArn },
        'model is broken',
      );
    }
  }

  /** @returns what there was, where it is the same */
  private explorationOf(
    campaign: string,
    explorationText: string,
    current: Served | undefined,
  ): Pick<Served, 'exploration' | 'explorationText'> {
    if (current?.explorationText === explorationText) {
      return { exploration: current.exploration, explorationText };
    }
    const read = explorationSettings.safeParse({ itemExplorationConfig: JSON.parse(explorationText) });
    if (read.success) return { exploration: read.data, explorationText };
    this.parts.logger.error(
      { campaign, err: read.error },
      'itemExplorationConfig is unreadable: the defaults are taken',
    );
    return { exploration: explorationSettings.parse({}), explorationText };
  }

  private rankerOf({ scorer, scoring, latest }: ServedModel, { datasetGroup, settings, config }: Campaign): Ranker {
    const { catalog } = this.parts;
    const campaign = campaignSettings.parse({ ...config, ...settings });
    const items = { ...scorer.items, popularity: scorer.model.popularity, latest };
    const tilt = rankingTilt(items, campaign.rankingInfluence, {
      createdAt: (id) => catalog.createdAt(datasetGroup, id),
      revision: () => catalog.revision(datasetGroup),
    });
    return new Ranker({ scorer, scoring, tilt }, campaign);
  }

  /**
   * A first model serves at once; another one when its index is built and it knows the users of the one before, which serves
   * meanwhile.
   * @param ready settles when the next model has all that it serves with
   */
  private beginSwitch(next: Served, ready: Promise<void>): void {
    this.cancelSwitch(next.arn);
    const current = this.served.get(next.arn);
    if (!current) {
      this.serve(next);
      return;
    }
    const cancel = new AbortController();
    const done = this.makeReady(next, current, ready, cancel.signal).then(() => {
      if (cancel.signal.aborted) return;
      this.switches.delete(next.arn);
      this.serve(next);
    });
    this.switches.set(next.arn, { next, cancel, done });
  }

  private async makeReady(next: Served, current: Served, ready: Promise<void>, signal: AbortSignal): Promise<void> {
    const cancelled = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([ready, cancelled]);
    await next.ranker.warmUp(current.ranker, signal);
  }

  private cancelSwitch(arn: string): void {
    this.switches.get(arn)?.cancel.abort();
    this.switches.delete(arn);
  }

  private serve(next: Served): void {
    const { logger, metrics } = this.parts;
    const { arn, solutionVersionArn } = next;
    const current = this.served.get(arn);
    this.served.set(arn, next);
    if (current) metrics.model.remove({ campaign: arn, solution_version: current.solutionVersionArn });
    metrics.model.set({ campaign: arn, solution_version: solutionVersionArn }, 1);
    metrics.brokenModel.set({ campaign: arn }, 0);
    logger.info({ campaign: arn, solutionVersionArn, before: current?.solutionVersionArn }, 'campaign serves a model');
  }

  private async model(solutionVersionArn: string): Promise<ServedModel> {
    const known = this.models.get(solutionVersionArn);
    if (known) return known;
    const { database, objects } = this.parts;
    const version = await findSolutionVersion(database, solutionVersionArn);
    if (version?.artifactUri === undefined) {
      throw new ResourceNotFoundError(`Solution version ${solutionVersionArn} has no artifact.`);
    }
    const { artifactUri, datasetGroup } = version;
    const source = { artifactUri, datasetGroup, solutionVersionArn };
    const model = await loadModel(objects, source, this.parts);
    this.models.set(solutionVersionArn, model);
    return model;
  }

  private forget(arn: string): void {
    const current = this.served.get(arn);
    if (current) this.parts.metrics.model.remove({ campaign: arn, solution_version: current.solutionVersionArn });
    this.parts.metrics.brokenModel.remove({ campaign: arn });
    this.cancelSwitch(arn);
    this.served.delete(arn);
    this.campaigns.delete(arn);
  }
}
