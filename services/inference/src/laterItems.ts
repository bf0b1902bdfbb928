import type { Scorer } from '@attune/recommender';
import type { ItemCatalog } from './itemCatalog';
import { type ServedModel, type ServingOptions, withLaterItems } from './loadModel';

/**
 * Items that come one by one are added together: copying a model of a million items takes half a second, and must not fill the
 * time between.
 */
const SHARE_OF_TIME = 20;

export interface LaterItemsParts extends ServingOptions {
  catalog: Pick<ItemCatalog, 'revision' | 'itemsBeyond'>;
  /** Milliseconds since any origin. */
  now: () => number;
}

/** Adds the items that came after a model's training, by PutItems or an import, to the model as it serves. */
export class LaterItems {
  /** By solution version: the revision of the catalogue that was looked at, and when it may be again. */
  private readonly looked = new Map<string, { revision: number; again: number }>();
  private replaced: ServedModel[] = [];

  constructor(private readonly parts: LaterItemsParts) {}

  /** @returns the given model where there is nothing to add */
  addTo(model: ServedModel): ServedModel {
    const { catalog, now, logger } = this.parts;
    const { scorer, datasetGroup, solutionVersionArn } = model;
    const revision = catalog.revision(datasetGroup);
    const before = this.looked.get(solutionVersionArn);
    if (!scorer.learnsFrom.items || (before && (before.revision === revision || now() < before.again))) return model;
    const startedAt = performance.now();
    const items = catalog.itemsBeyond(datasetGroup, (id) => scorer.items.indexOf(id) !== undefined);
    const extended = items.length === 0 ? model : withLaterItems(model, items, this.parts);
    const again = now() + SHARE_OF_TIME * (performance.now() - startedAt);
    this.looked.set(solutionVersionArn, { revision, again });
    if (extended !== model) {
      this.replaced.push(model);
      // While an index is built, no other is begun.
      this.looked.set(solutionVersionArn, { revision, again: Number.POSITIVE_INFINITY });
      const done = () => this.looked.set(solutionVersionArn, { revision, again });
      extended.ready.then(done, done);
      logger.info({ solutionVersionArn, items: items.length }, 'new items are ranked by their metadata');
    }
    return extended;
  }

  /** Closes the models that others have replaced. @param serving what is in use */
  async closeReplaced(serving: ReadonlySet<Scorer>): Promise<void> {
    const closing = this.replaced.filter(({ scorer }) => !serving.has(scorer));
    this.replaced = this.replaced.filter(({ scorer }) => serving.has(scorer));
    for (const model of closing) await model.close();
  }
}
