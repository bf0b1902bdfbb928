/**
 * The nouns of Attune, each with Amazon Personalize's word where it has one.
 *
 * - **dataset group**: a closed world of users, items and interactions, with everything trained from them.
 * - **interaction**: one thing a user did with an item at a time: a click, a watch, a purchase. Called *event* while it
 *   streams in.
 * - **history**: a user's interactions in order of time. An anonymous visitor's hangs on the session.
 * - **session**: a run of interactions of one visit, named by the client's session id.
 * - **impression**: the items a user was shown. *Explicit* where the event lists them, *implicit* where it names the
 *   recommendation id of the list.
 * - **slate**: a list that was served, slot by slot, with the **propensity** of each choice: its probability given the
 *   slots above it.
 * - **recommendation id**: names a slate, so that later events can answer it.
 * - **recipe**: a way to turn histories into scores over all items: `aws-user-personalization` here.
 * - **solution**: a recipe with its settings for one dataset group; a **solution version** is one training of it, and its
 *   result is an **artifact**: a folder of files that anyone can open.
 * - **campaign**: what a client asks for recommendations; it serves one solution version at a time.
 * - **event tracker**: what a client sends events to; its **tracking id** names the dataset group.
 * - **exploration**: giving slots to items that little is known about, with known probability.
 */
export * from './arn';
export * from './caller';
export * from './errors';
export * from './ids';
export * from './interaction';
export * from './propertyName';
export * from './slate';
export * from './timestamps';
