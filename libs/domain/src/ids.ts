declare const brand: unique symbol;

/** A string that can only be used where its own kind is asked for. */
type Branded<Kind extends string> = string & { readonly [brand]: Kind };

export type UserId = Branded<'UserId'>;
export type ItemId = Branded<'ItemId'>;
export type SessionId = Branded<'SessionId'>;
export type EventId = Branded<'EventId'>;
export type TrackingId = Branded<'TrackingId'>;
export type RecommendationId = Branded<'RecommendationId'>;

/** The name of a dataset group: unique on a server, and part of the ARNs of everything inside the group. */
export type DatasetGroupName = Branded<'DatasetGroupName'>;

/** The limit that the API sets on user, item, session and event ids, in characters. */
export const MAX_ID_LENGTH = 256;

/** The limit that the API sets on recommendation ids, in characters. */
export const MAX_RECOMMENDATION_ID_LENGTH = 40;

export const userId = (value: string) => value as UserId;
export const itemId = (value: string) => value as ItemId;
export const sessionId = (value: string) => value as SessionId;
export const eventId = (value: string) => value as EventId;
export const trackingId = (value: string) => value as TrackingId;
export const recommendationId = (value: string) => value as RecommendationId;
export const datasetGroupName = (value: string) => value as DatasetGroupName;
