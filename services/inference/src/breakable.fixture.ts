import { UnavailableError } from '@attune/domain';

/** A store that a test can send away: then every method of it says that it can't be reached. */
export function breakable<Store extends object>(real: Store): { store: Store; away: boolean; asked: number } {
  const state = { store: real, away: false, asked: 0 };
  state.store = new Proxy(real, {
    get: (_target, name) => {
      const member: unknown = Reflect.get(real, name, real);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        state.asked += 1;
        return state.away ? Promise.reject(new UnavailableError('The store is away.')) : member.apply(real, args);
      };
    },
  });
  return state;
}
