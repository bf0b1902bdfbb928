import { type PutUsersRequest, putUsersRequest } from '@attune/aws';
import { upsertUserProfiles } from '@attune/database';
import { type Caller, userId } from '@attune/domain';
import { type PutMetadataParts, putMetadata } from './putMetadata';

/** Stores the users of one PutUsers call. See `putMetadata`. */
export function putUsers(parts: PutMetadataParts, body: unknown, caller: Caller): Promise<void> {
  return putMetadata<PutUsersRequest, string>(
    parts,
    {
      kind: 'users',
      shape: putUsersRequest,
      list: 'users',
      idColumn: 'USER_ID',
      entriesOf: ({ users }) => users.map(({ userId: entry, properties }) => ({ entry, properties })),
      store: ({ datasetGroup }, rows) => {
        const profiles = rows.map(({ entry, metadata }) => ({ userId: userId(entry), metadata }));
        return upsertUserProfiles(parts.database, datasetGroup, profiles, true);
      },
    },
    body,
    caller,
  );
}
